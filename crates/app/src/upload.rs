//! Materials: the file goes to the store first, sealed under the person's key, then its digest enters the log.

use crate::app::App;
use crate::caller::{ActingAs, Caller, Signed};
use crate::error::Error;
use crate::execute::{Receipt, Request};
use crate::load;
use crate::visibility::{self, Class};
use bytes::Bytes;
use futures::Stream;
use serde_json::{Value, json};
use uuid::Uuid;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::material::StoredMaterial;
use zhicheng_domain::refusal::{FieldProblem, Refusal, common};
use zhicheng_domain::{AnyState, StreamId};
use zhicheng_materials::Limits;
use zhicheng_vault::PersonKey;

/// A file that was stored.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// Its receipt.
    pub receipt: Receipt,
    /// SHA-256 of the file in clear, hex.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// By its content.
    pub media_type: String,
}

/// A file to be given out.
pub struct Download {
    /// The file in clear.
    pub bytes: Bytes,
    /// By its content.
    pub media_type: String,
    /// As it was sent.
    pub name: String,
}

impl App {
    /// Takes a file. It is sealed under the key of the person who uploads it.
    pub async fn upload<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        &self,
        signed: &Signed,
        acting_as: Option<ActingAs>,
        key: String,
        name: &str,
        stream: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Uploaded, Error> {
        self.registry().catch_up(self.store()).await?;
        let Some(person) = signed.person else {
            return Err(common::NotAllowed { action: "上传材料" }.refusal().into());
        };
        let seal = self.vault().person_keys().create(person.0).await?;
        let stored =
            self.materials().put(stream, person.0, &seal, Limits::default()).await.map_err(refused)?;
        let media_type = stored.media_type.as_str().to_owned();
        // An upload is the same in every role; the first one that may stands for the others.
        let acting_as = acting_as.or_else(|| {
            self.registry().read(|registers| {
                registers
                    .roles_of(signed.account)
                    .into_iter()
                    .find(|acting| {
                        zhicheng_domain::material::actions::store::SPEC
                            .by
                            .iter()
                            .any(|by| by.role == acting.role)
                    })
                    .map(|acting| ActingAs { role: acting.role, organisation: acting.organisation })
            })
        });
        let input = json!({
            "digest": stored.digest, "media_type": media_type, "name": name, "person_id": person, "size": stored.size,
        });
        let receipt = self
            .execute(Request {
                caller: Caller::Session(signed.clone()),
                acting_as,
                aggregate: StoredMaterial::TYPE,
                id: None,
                action: "store".into(),
                input,
                key,
                if_match: None,
            })
            .await?
            .receipt()?;
        Ok(Uploaded { receipt, digest: stored.digest, size: stored.size, media_type })
    }

    /// Gives a file to its owner, and to those who see the form of the declaration that it is attached to.
    pub async fn download(&self, signed: &Signed, id: Uuid) -> Result<Download, Error> {
        self.registry().catch_up(self.store()).await?;
        let held = load::load(self.store(), StreamId::of::<StoredMaterial>(id)).await?;
        let AnyState::StoredMaterial(material) = &held.state else { return Err(Error::not_found()) };
        let (Some(person), Some(file)) = (material.person, &material.file) else {
            return Err(Error::not_found());
        };
        if signed.person != Some(person) && !self.sees_form(signed, id, material).await? {
            return Err(Error::not_found());
        }
        let PersonKey::Known(key) = self.vault().person_keys().key(person.0).await? else {
            return Err(Error::not_found());
        };
        let bytes = self.materials().get(person.0, &key, &file.digest).await.map_err(refused)?;
        let name = file.name.known().cloned().unwrap_or_else(|| "材料".to_owned());
        Ok(Download { bytes, media_type: file.media_type.clone(), name })
    }

    /// Whether the caller sees it as part of a form: one that was submitted with it.
    async fn sees_form(&self, signed: &Signed, id: Uuid, material: &StoredMaterial) -> Result<bool, Error> {
        let Some(declaration) = material.declaration else { return Ok(false) };
        let (it, readers) = match self.declaration(signed, declaration.0).await {
            Ok(found) => found,
            Err(error) if error.is_refusal(zhicheng_domain::refusal::Kind::Unknown) => return Ok(false),
            Err(error) => return Err(error),
        };
        let mut submitted = it.submitted.iter().flat_map(|content| &content.materials);
        if !submitted.any(|attached| attached.id.0 == id) {
            return Ok(false);
        }
        let meeting = visibility::Meeting::of(&it, self.now());
        Ok(visibility::shown(Value::Null, Class::Form, &readers, meeting).is_some())
    }
}

fn refused(error: zhicheng_materials::Error) -> Error {
    use zhicheng_materials::Error as E;
    let (code, message) = match error {
        E::Empty => ("file-empty", "文件是空的，请重新选择。"),
        E::MediaType => ("file-type-refused", "只接受PDF、JPG和PNG文件，请转换后再上传。"),
        E::TooLarge { size_bytes_max } => return Error::TooLarge { bytes_max: size_bytes_max },
        E::Upload(source) => return Error::UploadBroken { source },
        _ => return Error::internal("materials", error),
    };
    Error::Refused(Refusal {
        problems: vec![FieldProblem::new("/file", code, message)],
        ..common::InvalidInput.refusal()
    })
}
