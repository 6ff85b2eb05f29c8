//! Values of a file, and what can be wrong with them. Messages never repeat a value: it may be a patient's.

use shikaku::identifier::{InstitutionCodeError, TextError};

use super::lines::LineFault;
use super::table::RowFault;

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The line cannot be read.
    #[error(transparent)]
    Line(#[from] LineFault),
    /// The line is no row of the table.
    #[error(transparent)]
    Row(#[from] RowFault),
    /// The value of a column.
    #[error("{column}: {why}")]
    Column {
        /// Which column.
        column: &'static str,
        /// Why.
        why: ColumnFault,
    },
    /// The line is no JSON object of the documented form.
    #[error("JSON の形が違います（{column}文字目）: {what}")]
    Json {
        /// Column in the line, from 1.
        column: usize,
        /// What the reader stumbled over, without the value.
        what: JsonFault,
    },
    /// 利用登録 differs between rows of one person.
    #[error("同じ人の行で Enrolled が違います")]
    Contradiction,
    /// More certificates or qualifications than a person can have.
    #[error("1人の証明書・資格が {limit} 件を超えています。Person の列を確かめてください")]
    TooMany {
        /// The most.
        limit: usize,
    },
    /// The person stood in the file before, and other persons in between.
    #[error("Person: 同じ人が前にもあります。同じ人の行は続けて書いてください")]
    PersonTwice,
    /// The certificate belongs to another person of the file.
    #[error("Serial: 同じ証明書が別の人にもあります")]
    CertificateTwice,
    /// The new certificate renews two old ones.
    #[error("NewSerial: 同じ新しい証明書が前にもあります")]
    SuccessorTwice,
    /// A certificate cannot be its own successor.
    #[error("OldSerial と NewSerial が同じです")]
    OwnSuccessor,
    /// The institution stood in the file before.
    #[error("InstitutionCode: 同じ医療機関コードが前にもあります")]
    InstitutionTwice,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnFault {
    /// Empty where a value is due.
    #[error("値がありません")]
    Missing,
    /// Neither 0 nor 1.
    #[error("0 か 1 で書いてください")]
    Flag,
    /// Not hexadecimal, an odd number of digits, or too long.
    #[error("16進数（2桁ずつ、40桁まで）で書いてください")]
    Hex,
    /// Not a day.
    #[error("日付ではありません（YYYY-MM-DD または YYYYMMDD）")]
    Day,
    /// Not a code of this column.
    #[error("この列の区分ではありません")]
    Code,
    /// Not a share in percent.
    #[error("負担割合は百分率3桁（例 030）で書いてください")]
    Ratio,
    /// Neither six nor eight digits.
    #[error("保険者番号は8桁（国保は6桁）の数字です")]
    InsurerForm,
    /// The check digit is wrong.
    #[error("保険者番号の検証番号が合いません")]
    InsurerCheckDigit,
    /// Too long, or a control character.
    #[error("100バイトまで、制御文字なしで書いてください")]
    Person,
    /// Not a 医療機関コード, or not of the kind asked for.
    #[error("{}", institution_ja(*.0))]
    Institution(#[from] InstitutionCodeError),
    /// Not a text that the field takes.
    #[error("{}", text_ja(*.0))]
    Text(TextError),
}

/// What JSON stumbled over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// Not JSON.
    #[error("JSON ではありません")]
    Syntax,
    /// JSON, but a member is missing, unknown, or has a value that its field does not take.
    #[error("項目が足りないか、知らない項目か、値がその項目に合いません")]
    Data,
}

/// Octets from an even number of hexadecimal digits, at most twenty octets.
pub(super) fn hex(text: &str) -> Result<Vec<u8>, ColumnFault> {
    let digits = text.as_bytes();
    if digits.is_empty() || digits.len() > 40 || !digits.len().is_multiple_of(2) {
        return Err(ColumnFault::Hex);
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    digits
        .chunks_exact(2)
        .map(|pair| match *pair {
            [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
            _ => None,
        })
        .collect::<Option<_>>()
        .ok_or(ColumnFault::Hex)
}

impl Fault {
    pub(super) fn json(error: &serde_json::Error) -> Self {
        let what = if error.is_data() { JsonFault::Data } else { JsonFault::Syntax };
        Self::Json { column: error.column(), what }
    }
}

/// What is wrong with a 医療機関コード, for operators.
pub fn institution_ja(error: InstitutionCodeError) -> &'static str {
    match error {
        InstitutionCodeError::Form => "医療機関コードは10桁の数字です（都道府県2・点数表1・7桁）",
        InstitutionCodeError::Prefecture => "先頭2桁が都道府県ではありません（01〜47、51〜97）",
        InstitutionCodeError::FeeTable => {
            "3桁目が点数表ではありません（1 医科、3 歯科、4 調剤、6 訪問看護、2 健診等）"
        }
        InstitutionCodeError::NumberRange => "番号が点数表の範囲にありません。通知書と見比べてください",
        InstitutionCodeError::CheckDigit => "検証番号が合いません。通知書と1桁ずつ見比べてください",
        InstitutionCodeError::Test => "試験用の医療機関のコードです。--test を付けたときだけ受け付けます",
        InstitutionCodeError::NotTest => {
            "試験用の医療機関のコードではありません（48-1-0000001 など）。--test を外してください"
        }
    }
}

fn text_ja(error: TextError) -> String {
    match error {
        TextError::Empty => "空白だけの値です".to_owned(),
        TextError::TooLong(most) => format!("{most}文字までです"),
        TextError::Control => "タブや改行などの制御文字があります".to_owned(),
        TextError::Digits(count) => format!("{count}桁の数字です"),
        _ => "この項目に書ける値ではありません".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_in_either_case() {
        assert_eq!(hex("0aFf"), Ok(vec![0x0a, 0xff]));
        for text in ["", "0", "0g", "0a ", "+a", &"00".repeat(21)] {
            assert_eq!(hex(text), Err(ColumnFault::Hex), "{text}");
        }
    }
}
