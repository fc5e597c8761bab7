//! Materials: every file that an event names is in the store, opens under its person's key and has the digest and size that the log
//! says. One file at a time is in memory. A file that no event names is what an upload left that was never entered: it is counted.

use super::{Check, Checked, Look, System};
use crate::error::Error;
use futures::StreamExt;
use futures::future::BoxFuture;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::pin::pin;
use uuid::Uuid;
use zhicheng_domain::aggregate::AnyState;
use zhicheng_domain::material::StoredMaterial;
use zhicheng_vault::PersonKey;

/// The files that the log names.
pub(super) struct Materials {
    checked: Checked,
    /// By person and digest: the material and its size in bytes; none where it went with its person.
    named: BTreeMap<(Uuid, String), Option<(Uuid, u64)>>,
}

impl Materials {
    pub(super) const fn new() -> Self {
        Self { checked: Checked::new(Check::Materials), named: BTreeMap::new() }
    }
}

impl Look for Materials {
    fn stream_ended(&mut self, id: &str, state: &AnyState) {
        let Some(it) = state.get::<StoredMaterial>() else { return };
        let (Some(person), Some(file), Ok(id)) = (it.person, &it.file, id.parse::<Uuid>()) else { return };
        let there = (!it.erased).then_some((id, file.size));
        self.named.insert((person.0, file.digest.clone()), there);
    }

    fn finish<'a>(mut self: Box<Self>, system: &'a System<'a>) -> BoxFuture<'a, Vec<Checked>> {
        Box::pin(async move {
            if let Err(error) = self.look(system).await {
                self.checked.broke_off(&error);
            }
            vec![self.checked]
        })
    }
}

impl Materials {
    async fn look(&mut self, system: &System<'_>) -> Result<(), Error> {
        let of = self.named.len() as i64;
        for (done, ((person, digest), there)) in self.named.iter().enumerate() {
            let Some((id, size)) = there else { continue };
            let wrong = wrong(system, *person, digest, *size).await?;
            self.checked.expect(wrong.is_none(), || format!("材料 {id} {}", wrong.unwrap_or_default()));
            system.tell("材料", done as i64 + 1, of);
        }
        let mut unnamed: u64 = 0;
        let mut files = pin!(system.app.materials().files());
        while let Some(file) = files.next().await {
            let file = file.map_err(|error| Error::internal("materials", error))?;
            unnamed += u64::from(!self.named.contains_key(&file));
        }
        if unnamed > 0 {
            self.checked.notes.push(format!("另有 {unnamed} 个文件没有事件提到"));
        }
        Ok(())
    }
}

/// What is wrong with a file; nothing where all is well, or where its person is being erased at this moment.
async fn wrong(
    system: &System<'_>,
    person: Uuid,
    digest: &str,
    size: u64,
) -> Result<Option<&'static str>, Error> {
    use zhicheng_materials::Error as Fault;
    let key = match system.app.vault().person_keys().key(person).await? {
        PersonKey::Known(key) => key,
        // the keys' own check says whether that is right
        PersonKey::Destroyed | PersonKey::Absent => return Ok(None),
    };
    match system.app.materials().get(person, &key, digest).await {
        Ok(clear) if hex::encode(Sha256::digest(&clear)) != digest => Ok(Some("的摘要不符")),
        Ok(clear) if clear.len() as u64 != size => Ok(Some("的大小不符")),
        Ok(_) => Ok(None),
        Err(Fault::NotFound) => Ok(Some("的文件不见了")),
        Err(Fault::NotOpened(_)) => Ok(Some("的文件解不开")),
        Err(error) => Err(Error::internal("materials", error)),
    }
}
