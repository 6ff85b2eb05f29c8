//! How values lie in columns: times and numbers as 63 bits, flags as 0 and 1, octets at their exact length.

use shikaku::instant::UnixTime;
use sqlx::any::AnyRow;
use sqlx::{Any, Decode, Row as _, Type};

use super::error::StoreError;

/// A time or count as a column takes it.
pub fn number(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Range)
}

/// A time as a column takes it.
pub fn time(value: UnixTime) -> Result<i64, StoreError> {
    number(value.0)
}

/// Reads columns by name; what this program never wrote there is [`StoreError::Damaged`].
pub trait Columns {
    /// A text.
    fn text(&self, column: &'static str) -> Result<String, StoreError>;
    /// A text that may be missing.
    fn optional_text(&self, column: &'static str) -> Result<Option<String>, StoreError>;
    /// A number that is never negative.
    fn number(&self, column: &'static str) -> Result<u64, StoreError>;
    /// A number that may be missing.
    fn optional_number(&self, column: &'static str) -> Result<Option<u64>, StoreError>;
    /// Octets of any length.
    fn octets(&self, column: &'static str) -> Result<Vec<u8>, StoreError>;
    /// Octets that may be missing.
    fn optional_octets(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError>;

    /// A text that one of our types reads.
    fn parsed<T: std::str::FromStr>(&self, column: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| StoreError::Damaged(column))
    }

    /// A time.
    fn time(&self, column: &'static str) -> Result<UnixTime, StoreError> {
        self.number(column).map(UnixTime)
    }

    /// A time that may be missing.
    fn optional_time(&self, column: &'static str) -> Result<Option<UnixTime>, StoreError> {
        Ok(self.optional_number(column)?.map(UnixTime))
    }

    /// 0 or 1.
    fn flag(&self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.number(column)? != 0)
    }

    /// Octets of exactly this length.
    fn exactly<const N: usize>(&self, column: &'static str) -> Result<[u8; N], StoreError> {
        self.octets(column)?.try_into().map_err(|_| StoreError::Damaged(column))
    }
}

impl Columns for AnyRow {
    fn text(&self, column: &'static str) -> Result<String, StoreError> {
        get(self, column)
    }

    fn optional_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        get(self, column)
    }

    fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        u64::try_from(get::<i64>(self, column)?).map_err(|_| StoreError::Damaged(column))
    }

    fn optional_number(&self, column: &'static str) -> Result<Option<u64>, StoreError> {
        let value: Option<i64> = get(self, column)?;
        value.map(u64::try_from).transpose().map_err(|_| StoreError::Damaged(column))
    }

    fn octets(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        get(self, column)
    }

    fn optional_octets(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        get(self, column)
    }
}

fn get<'r, T: Decode<'r, Any> + Type<Any>>(row: &'r AnyRow, column: &'static str) -> Result<T, StoreError> {
    row.try_get(column).map_err(|error| match error {
        sqlx::Error::ColumnDecode { .. } => StoreError::Damaged(column),
        other => StoreError::Database(other),
    })
}
