//! Leaf hashes and roots of the log's Merkle tree.

use zhicheng_journal::Hash;
use zhicheng_journal::merkle::Frontier;

use crate::error::ReadError;
use crate::store::EventStore;

/// At how many events apart the right edge of the tree is archived: what a root is folded from at most.
pub const FRONTIER_EVERY_EVENTS: i64 = 4096;

/// How many leaf hashes are read in one go.
const LEAVES_BATCH_MAX: i64 = FRONTIER_EVERY_EVENTS;

/// How many events are read in one go when their hashes are computed anew.
const VERIFY_BATCH_EVENTS: u32 = 1000;

/// What came of computing the log's root anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The root.
    pub root: Hash,
    /// How many archived right edges were met on the way, all of them as they should be.
    pub edges: u64,
}

impl EventStore {
    /// The stored leaf hashes from one position to another, both included, at most 4096 of them.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]. The answer is short where the log ends.
    pub async fn leaf_hashes(&self, from: i64, to: i64) -> Result<Vec<Hash>, ReadError> {
        let hashes = sqlx::query_scalar(
            "select leaf_hash
             from events
             where position between $1 and $2
             order by position
             limit $3",
        )
        .bind(from)
        .bind(to)
        .bind(LEAVES_BATCH_MAX)
        .fetch_all(self.pool())
        .await?;
        Ok(hashes)
    }

    /// The root of the tree over the first `position` events, folded from stored leaf hashes and archived right edges. It says what
    /// was hashed when the events were written; whether they still hash to it, [`EventStore::verify_root_at`] finds out.
    ///
    /// # Errors
    ///
    /// [`ReadError::BeyondHead`] for a position that the log has not reached; else see [`ReadError`].
    pub async fn root_at(&self, position: i64) -> Result<Hash, ReadError> {
        Ok(self.frontier_at(position).await?.root())
    }

    /// The right edge of the tree over the first `position` events.
    ///
    /// # Errors
    ///
    /// As [`EventStore::root_at`].
    pub async fn frontier_at(&self, position: i64) -> Result<Frontier, ReadError> {
        let head = self.head().await?;
        if position > head || position < 0 {
            return Err(ReadError::BeyondHead { asked: position, head });
        }
        let mut frontier = self.archived_frontier(position).await?;
        let mut at = frontier.size() as i64;
        while at < position {
            // To the next archived place, so that each part that is read ends at one.
            let to = position.min((at / FRONTIER_EVERY_EVENTS + 1) * FRONTIER_EVERY_EVENTS);
            let leaves = self.leaf_hashes(at + 1, to).await?;
            if leaves.len() as i64 != to - at {
                return Err(ReadError::Damaged { position: at + leaves.len() as i64 + 1 });
            }
            frontier.extend(leaves);
            at = to;
            if at % FRONTIER_EVERY_EVENTS == 0 {
                self.archive_frontier(&frontier).await;
            }
        }
        Ok(frontier)
    }

    /// Archives the right edge of the log as it is now, so that whoever verifies the log later learns whether its beginning is still
    /// the same. What was archived is neither replaced nor removed; at a position that has one nothing is written.
    ///
    /// # Errors
    ///
    /// As [`EventStore::root_at`], and where PostgreSQL does not take it.
    pub async fn archive_root(&self) -> Result<(i64, Hash), ReadError> {
        let frontier = self.frontier_at(self.head().await?).await?;
        if frontier.size() > 0 {
            self.archive(&frontier).await?;
        }
        Ok((frontier.size() as i64, frontier.root()))
    }

    /// The root over the first `position` events, computed anew from the bytes of every event: nothing stored is believed. The right
    /// edges that are archived on the way are held against it.
    ///
    /// # Errors
    ///
    /// [`ReadError::Damaged`] names the first event that does not hash to what was stored with it, or is missing;
    /// [`ReadError::Frontier`] the first archived right edge that is another.
    pub async fn verify_root_at(&self, position: i64) -> Result<Hash, ReadError> {
        Ok(self.verify_up_to(position, |_| {}).await?.root)
    }

    /// As [`EventStore::verify_root_at`], showing the right edge after each event on the way: whoever kept a root elsewhere holds it
    /// against what it is now.
    ///
    /// # Errors
    ///
    /// As [`EventStore::verify_root_at`]; what was shown before was right.
    pub async fn verify_up_to(
        &self,
        position: i64,
        mut show: impl FnMut(&Frontier) + Send,
    ) -> Result<Verified, ReadError> {
        let head = self.head().await?;
        if position > head || position < 0 {
            return Err(ReadError::BeyondHead { asked: position, head });
        }
        let mut frontier = Frontier::new();
        let (mut at, mut edges) = (0, 0);
        show(&frontier);
        while at < position {
            let events = self.read_stored_after(at, VERIFY_BATCH_EVENTS).await?;
            if events.is_empty() {
                return Err(ReadError::Damaged { position: at + 1 });
            }
            let archived = self.archived_between(at, position.min(at + events.len() as i64)).await?;
            let mut archived = archived.iter().peekable();
            for event in events.iter().take_while(|event| event.position <= position) {
                at += 1;
                if event.position != at || !event.is_intact() {
                    return Err(ReadError::Damaged { position: at });
                }
                frontier.push(event.leaf_hash);
                if let Some((_, bytes)) = archived.next_if(|(size, _)| *size == at) {
                    if *bytes != frontier.to_bytes() {
                        return Err(ReadError::Frontier { position: at });
                    }
                    edges += 1;
                }
                show(&frontier);
            }
        }
        Ok(Verified { root: frontier.root(), edges })
    }

    /// The archived right edges after one position and up to another.
    async fn archived_between(&self, after: i64, to: i64) -> Result<Vec<(i64, Vec<u8>)>, ReadError> {
        let archived = sqlx::query_as(
            "select position, frontier
             from log_frontiers
             where position > $1
               and position <= $2
             order by position",
        )
        .bind(after)
        .bind(to)
        .fetch_all(self.pool())
        .await?;
        Ok(archived)
    }

    async fn archived_frontier(&self, position: i64) -> Result<Frontier, ReadError> {
        let archived: Option<(i64, Vec<u8>)> = sqlx::query_as(
            "select position, frontier
             from log_frontiers
             where position <= $1
             order by position desc
             limit 1",
        )
        .bind(position)
        .fetch_optional(self.pool())
        .await?;
        let Some((position, bytes)) = archived else { return Ok(Frontier::new()) };
        match Frontier::from_bytes(&bytes) {
            Ok(frontier) if frontier.size() as i64 == position => Ok(frontier),
            _ => Err(ReadError::Frontier { position }),
        }
    }

    /// Only saves work: where it fails, on a standby for instance, the next root is folded from further back.
    async fn archive_frontier(&self, frontier: &Frontier) {
        if let Err(error) = self.archive(frontier).await {
            tracing::debug!(%error, position = frontier.size(), "the right edge of the log's tree was not archived");
        }
    }

    async fn archive(&self, frontier: &Frontier) -> Result<(), sqlx::Error> {
        sqlx::query(
            "insert into log_frontiers (position, frontier)
             values ($1, $2)
             on conflict (position) do nothing",
        )
        .bind(frontier.size() as i64)
        .bind(frontier.to_bytes())
        .execute(self.pool())
        .await?;
        Ok(())
    }
}
