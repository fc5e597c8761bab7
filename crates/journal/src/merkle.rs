//! The log's Merkle tree: RFC 6962 over SHA-256, folded along its right edge.

use sha2::{Digest, Sha256};

use crate::Hash;

/// The right edge of a tree: the roots of its perfect subtrees, from the largest (left) to the smallest (right).
///
/// It is all that is needed to add leaves and to name the root, some 2 KB for any number of leaves. The subtrees are the
/// binary digits of the size: a tree of 13 leaves is one of 8, one of 4 and one of 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds one leaf, given its hash (see [`leaf_hash`]).
    pub fn push(&mut self, leaf: Hash) {
        let mut subtree = leaf;
        // Each 1 at the end of the size is a subtree as large as the one in hand.
        for _ in 0..self.size.trailing_ones() {
            let left = self.subtrees.pop().expect("a subtree stands for every 1 in the size");
            subtree = node_hash(&left, &subtree);
        }
        self.subtrees.push(subtree);
        self.size += 1;
    }

    /// The root (RFC 6962's Merkle Tree Hash); of the empty tree it is the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.subtrees
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// The size as 8 big-endian bytes, then the subtrees' roots from the largest to the smallest.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        self.subtrees.iter().for_each(|subtree| bytes.extend_from_slice(subtree));
        bytes
    }

    /// Reads what [`Frontier::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`FrontierUnreadable`] where the length does not fit the size.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierUnreadable> {
        let unreadable = FrontierUnreadable { length_bytes: bytes.len() };
        let (size, rest) = bytes.split_first_chunk::<8>().ok_or(unreadable)?;
        let size = u64::from_be_bytes(*size);
        let (subtrees, left_over) = rest.as_chunks::<32>();
        if !left_over.is_empty() || subtrees.len() != size.count_ones() as usize {
            return Err(unreadable);
        }
        Ok(Self { size, subtrees: subtrees.to_vec() })
    }
}

impl Extend<Hash> for Frontier {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

impl FromIterator<Hash> for Frontier {
    fn from_iter<T: IntoIterator<Item = Hash>>(leaves: T) -> Self {
        let mut frontier = Self::new();
        frontier.extend(leaves);
        frontier
    }
}

/// Bytes that no [`Frontier`] is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{length_bytes} bytes are not the right edge of a tree")]
pub struct FrontierUnreadable {
    length_bytes: usize,
}

/// The hash of a leaf: SHA-256 over a zero byte and the leaf's bytes.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// The hash of an inner node: SHA-256 over a byte of value 1 and the hashes of its two children.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_empty_tree_hashes_nothing() {
        assert_eq!(
            hex::encode(Frontier::new().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn a_root_is_named_at_every_size() {
        let leaves: Vec<Vec<u8>> = (0u32..300).map(|number| number.to_be_bytes().to_vec()).collect();
        let mut oracle = MemoryBackedTree::<sha2_next::Sha256, Vec<u8>>::new();
        let mut frontier = Frontier::new();
        for leaf in leaves {
            frontier.push(leaf_hash(&leaf));
            oracle.push(leaf);
            assert_eq!(frontier.size(), oracle.len());
            assert_eq!(frontier.root().as_slice(), oracle.root().as_bytes().as_slice());
        }
    }

    #[test]
    fn refuses_bytes_that_are_no_frontier() {
        let bytes = (0..13).map(|number| leaf_hash(&[number])).collect::<Frontier>().to_bytes();
        assert!(Frontier::from_bytes(&bytes).is_ok());
        assert!(Frontier::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Frontier::from_bytes(&bytes[..bytes.len() - 32]).is_err());
        assert!(Frontier::from_bytes(&bytes[..7]).is_err());
    }

    proptest! {
        #[test]
        fn agrees_with_ct_merkle(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..80)) {
            let mut oracle = MemoryBackedTree::<sha2_next::Sha256, Vec<u8>>::new();
            leaves.iter().for_each(|leaf| oracle.push(leaf.clone()));
            let frontier: Frontier = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
            prop_assert_eq!(hex::encode(frontier.root()), hex::encode(oracle.root().as_bytes()));
        }

        #[test]
        fn goes_on_after_being_stored(before in 0u32..70, after in 0u32..70) {
            let leaf = |number: u32| leaf_hash(&number.to_be_bytes());
            let stored = (0..before).map(leaf).collect::<Frontier>().to_bytes();
            let mut resumed = Frontier::from_bytes(&stored).unwrap();
            resumed.extend((before..before + after).map(leaf));
            prop_assert_eq!(resumed, (0..before + after).map(leaf).collect::<Frontier>());
        }
    }
}
