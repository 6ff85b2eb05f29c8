//! Raw command left, raw response right.

use shikaku_virtual_card::Card;

/// Plays a dialogue on a card: `(command, response)` in hexadecimal, spaces free. A response of
/// `*256 9000` stands for any 256 octets and the status; the words `power off` and `warm reset` act on the card.
pub(crate) fn play(card: &mut Card, dialogue: &[(&str, &str)]) {
    for (line, (command, expected)) in dialogue.iter().enumerate() {
        match *command {
            "power off" => card.power_off(),
            "warm reset" => card.warm_reset(),
            command => {
                let response = card.transmit(&octets(command));
                judge(&response, expected, &format!("line {line}: {command}"));
            }
        }
    }
}

fn judge(response: &[u8], expected: &str, place: &str) {
    let Some(expected) = expected.strip_prefix('*') else {
        assert_eq!(hex(response), expected.replace(' ', ""), "{place}");
        return;
    };
    let (length, status) = expected.split_once(' ').expect("a length and a status");
    let (data, closing) = response.split_at(response.len() - 2);
    assert_eq!((data.len(), hex(closing)), (length.parse().unwrap(), status.to_owned()), "{place}");
}

/// Octets of hexadecimal text.
pub(crate) fn octets(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| u8::try_from(c.to_digit(16).unwrap()).unwrap())
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().concat()
}

/// A card by name.
pub(crate) fn card(name: &str) -> Card {
    Card::from_name(name).unwrap()
}

/// SELECT of the JPKI application.
pub(crate) const JPKI: (&str, &str) = ("00A4040C 0A D392F000260100000001", "9000");
/// SELECT of the user authentication PIN.
pub(crate) const PIN_FILE: (&str, &str) = ("00A4020C 02 0018", "9000");
/// SELECT of the user authentication key.
pub(crate) const KEY_FILE: (&str, &str) = ("00A4020C 02 0017", "9000");
/// VERIFY with the right PIN.
pub(crate) const RIGHT_PIN: (&str, &str) = ("00200080 04 31323334", "9000");
/// The counter query with all tries left.
pub(crate) const THREE_LEFT: (&str, &str) = ("00200080", "63C3");
/// A signature over a `DigestInfo`, wanted to succeed.
pub(crate) const SIGN: (&str, &str) = (
    "802A0080 33 3031300D060960864801650304020105000420 0102030405060708091011121314151617181920212223242526272829303132 00",
    "*256 9000",
);
/// VERIFY with a wrong PIN.
pub(crate) const WRONG_PIN: &str = "00200080 04 39393939";
/// The counter query.
pub(crate) const COUNTER: &str = "00200080";
