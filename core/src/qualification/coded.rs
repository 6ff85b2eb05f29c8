//! Values that the OQS messages send as codes.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is none of the codes of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code of this field")]
pub struct UnknownValue;

/// One table per field: variant, code on the wire, Japanese label. The code is a token and no `literal`, which
/// would reach the derived schema wrapped and be overlooked there.
macro_rules! coded {
    ($( $(#[$doc:meta])* $name:ident { $( $variant:ident = $code:tt $label:literal, )* } )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum $name {
            $(
                #[doc = concat!("`", $code, "` ", $label)]
                #[serde(rename = $code)]
                $variant,
            )*
        }

        impl $name {
            /// Every value, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The label that staff and importers read, Japanese.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        impl FromStr for $name {
            type Err = UnknownValue;

            /// Reads the code.
            fn from_str(code: &str) -> Result<Self, UnknownValue> {
                Self::ALL.iter().copied().find(|value| value.code() == code).ok_or(UnknownValue)
            }
        }

        impl fmt::Display for $name {
            /// Writes the label.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.label())
            }
        }
    )*};
}

coded! {
    /// 資格有効性 on the day of the check.
    Validity {
        Valid = "1" "有効",
        Invalid = "2" "無効",
        Superseded = "3" "無効（新しい資格あり）",
        None = "4" "該当資格なし",
        Multiple = "5" "複数該当",
        ValidUnregistered = "6" "有効（未登録）",
    }

    /// 被保険者証区分.
    InsuredCardClassification {
        General = "01" "被保険者証（一般）",
        Retired = "02" "被保険者証（退職）",
        ShortTermGeneral = "03" "短期被保険者証（一般）",
        ShortTermRetired = "04" "短期被保険者証（退職）",
        SpecialMedicalExpense = "05" "特別療養費",
        SpecialRetired = "06" "特例退職被保険者証",
        SelfDefenceForces = "07" "自衛官診療証",
        MedicalAssistance = "A1" "医療扶助",
    }

    /// 本人・家族の別.
    PersonalFamilyClassification {
        Insured = "1" "本人",
        Family = "2" "家族",
    }

    /// 性別.
    Sex {
        Male = "1" "男",
        Female = "2" "女",
        Unset = "3" "未設定",
    }

    /// 未就学区分.
    PreschoolClassification {
        BeforeCompulsoryEducation = "1" "義務教育就学前",
    }

    /// 資格喪失事由.
    ReasonOfLoss {
        Death = "01" "死亡",
        PublicAssistance = "02" "生活保護受給開始",
        OtherInsurance = "03" "医療保険等の資格取得",
        Other = "99" "その他",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_by_its_code_and_shown_by_its_label() {
        for value in InsuredCardClassification::ALL {
            assert_eq!(value.code().parse(), Ok(*value));
            assert_eq!(serde_json::to_string(value).unwrap(), format!("\"{}\"", value.code()));
        }
        assert_eq!("A1".parse(), Ok(InsuredCardClassification::MedicalAssistance));
        assert_eq!(Validity::Superseded.to_string(), "無効（新しい資格あり）");
        assert_eq!("0".parse::<Sex>(), Err(UnknownValue));
        assert_eq!("男".parse::<Sex>(), Err(UnknownValue));
    }
}
