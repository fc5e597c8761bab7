//! Random bytes from the operating system.

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::Error;

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(bytes)
}

/// A fresh 256-bit key, wiped when dropped.
pub(crate) fn key() -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut()).map_err(Error::Random)?;
    Ok(key)
}

/// A random id that tells nothing about when it was made.
pub(crate) fn id() -> Result<Uuid, Error> {
    Ok(uuid::Builder::from_random_bytes(bytes()?).into_uuid())
}

/// Every order equally likely (Fisher and Yates; drawn numbers that would favour a place are drawn again).
pub(crate) fn shuffle<T>(items: &mut [T]) -> Result<(), Error> {
    for last in (1..items.len()).rev() {
        let places = last as u64 + 1;
        let fair_below = u64::MAX - u64::MAX % places;
        let drawn = loop {
            let drawn = u64::from_le_bytes(bytes()?);
            if drawn < fair_below {
                break drawn % places;
            }
        };
        items.swap(last, drawn as usize);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffling_keeps_every_item_and_reaches_every_place() {
        let mut first_items = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let mut items = [1, 2, 3, 4, 5];
            shuffle(&mut items).unwrap();
            first_items.insert(items[0]);
            items.sort_unstable();
            assert_eq!(items, [1, 2, 3, 4, 5]);
        }
        assert_eq!(first_items.len(), 5);
    }
}
