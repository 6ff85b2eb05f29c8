//! 検証番号: the check digit that institution codes and insurer numbers share.

/// The check digit of a body of ASCII digits, or `None` if the body is empty or holds anything else.
///
/// Weights 2, 1, 2, 1 … from the rightmost digit, the digits of each product are added, and the sum is
/// taken from the next multiple of ten. Source: 保険者番号等の設定について (昭和51年保発第45号・保険発第82号),
/// whose printed examples are the tests.
pub fn check_digit(body: &str) -> Option<u8> {
    if body.is_empty() {
        return None;
    }
    let mut sum = 0_u32;
    for (place, octet) in body.bytes().rev().enumerate() {
        let digit = octet.is_ascii_digit().then(|| u32::from(octet - b'0'))?;
        let product = if place % 2 == 0 { digit * 2 } else { digit };
        // At most 18, so its digits are the tens (0 or 1) and the units.
        sum = (sum + product / 10 + product % 10) % 10;
    }
    u8::try_from((10 - sum) % 10).ok()
}

/// Whether the last digit of `digits` is the check digit of those before it.
pub(super) fn is_checked(digits: &str) -> bool {
    let Some((at, last)) = digits.char_indices().next_back() else { return false };
    let due = digits.get(..at).and_then(check_digit);
    due.is_some() && due.map(u32::from) == last.to_digit(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_official_examples_come_out() {
        for (body, due) in [("341071236", 2), ("0613048", 8), ("13805", 7), ("0113001", 2)] {
            assert_eq!(check_digit(body), Some(due), "{body}");
        }
    }

    #[test]
    fn what_is_not_digits_has_no_check_digit() {
        for body in ["", "12a", "１２３", " 1", "-1"] {
            assert_eq!(check_digit(body), None, "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(body in "[0-9]{1,12}", place in 0_usize..12, by in 1_u8..10) {
            let due = check_digit(&body).unwrap();
            let mut wrong = body.clone().into_bytes();
            let place = place % wrong.len();
            wrong[place] = b'0' + (wrong[place] - b'0' + by) % 10;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_ne!(check_digit(&wrong), Some(due));
            let (right, wrong) = (format!("{body}{due}"), format!("{wrong}{due}"));
            prop_assert!(is_checked(&right));
            prop_assert!(!is_checked(&wrong));
        }
    }
}
