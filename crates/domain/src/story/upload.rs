//! A file that a line uploads. Over HTTP it is sent as a form and not as JSON; in a story it is its name and its text.

use super::{Fault, Line};
use crate::aggregate::Aggregate;
use crate::ids::PersonId;
use crate::material::StoredMaterial;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What stories upload: by its first bytes it is known for what it is, whatever it is called.
const PDF_BEGINS: &str = "%PDF-";

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// As it is called where it comes from.
    pub name: String,
    /// What is in it: a PDF, by its first line.
    pub content: String,
}

impl Upload {
    /// The file that a line uploads; none where it does something else.
    ///
    /// # Errors
    /// [`Fault::Malformed`], [`Fault::NotPdf`].
    pub fn of(line: &Line) -> Result<Option<Self>, Fault> {
        if line.collection != StoredMaterial::COLLECTION || line.id.is_some() {
            return Ok(None);
        }
        let upload: Self = serde_json::from_value(line.input.clone()).map_err(Fault::Malformed)?;
        if !upload.content.starts_with(PDF_BEGINS) {
            return Err(Fault::NotPdf(upload.name));
        }
        Ok(Some(upload))
    }

    /// The input of `store`, as the application makes it of a file that it has put away.
    pub fn stored(&self, person: PersonId) -> Value {
        json!({
            "digest": hex::encode(Sha256::digest(&self.content)), "media_type": "application/pdf",
            "name": self.name, "person_id": person, "size": self.content.len(),
        })
    }
}
