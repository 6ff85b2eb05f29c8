//! Frames of the PN532's serial line: `00 00 FF LEN LCS TFI … DCS 00`, longer ones with `FF FF` and a length of
//! two octets, ACK and NACK without a body (UM0701-02, 6.2.1).

/// The command arrived.
pub(super) const ACK: [u8; 6] = [0x00, 0x00, 0xff, 0x00, 0xff, 0x00];
/// It arrived damaged.
pub(super) const NACK: [u8; 6] = [0x00, 0x00, 0xff, 0xff, 0x00, 0x00];
/// It is not known.
pub(super) const SYNTAX_ERROR: [u8; 8] = [0x00, 0x00, 0xff, 0x01, 0xff, 0x7f, 0x81, 0x00];

const FROM_HOST: u8 = 0xd4;
const FROM_CHIP: u8 = 0xd5;
/// A host sends it to a sleeping chip before its first frame.
const WAKE_UP: u8 = 0x55;
/// Identifier and data of one frame, at most.
const LONGEST: usize = 265;

/// What a host sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    Wake,
    Ack,
    Nack,
    /// Command code and parameters.
    Command(Vec<u8>),
    /// A length or a checksum is wrong, or it is from a chip.
    Broken,
}

/// Cuts frames out of what arrives.
#[derive(Debug, Default)]
pub(super) struct Deframer(Vec<u8>);

/// A frame that begins at a start code.
enum Cut {
    /// More octets must come.
    Short,
    /// So many octets behind the start code were this.
    Whole(usize, Incoming),
}

impl Deframer {
    pub(super) fn push(&mut self, octets: &[u8]) {
        self.0.extend_from_slice(octets);
    }

    /// The next whole thing that arrived.
    pub(super) fn next(&mut self) -> Option<Incoming> {
        let start = self.0.windows(2).position(|pair| pair == [0x00, 0xff]);
        let idle = start.unwrap_or(self.0.len());
        if self.0.iter().take(idle).any(|octet| *octet == WAKE_UP) {
            self.0.drain(..idle);
            return Some(Incoming::Wake);
        }
        let Some(start) = start else {
            // The last octet may be the first half of a start code.
            self.0.drain(..idle.saturating_sub(1));
            return None;
        };
        match cut(self.0.get(start + 2..).unwrap_or_default()) {
            Cut::Short => None,
            Cut::Whole(length, incoming) => {
                self.0.drain(..start + 2 + length);
                Some(incoming)
            }
        }
    }
}

fn cut(octets: &[u8]) -> Cut {
    match octets {
        [0x00, 0xff, ..] => Cut::Whole(2, Incoming::Ack),
        [0xff, 0x00, ..] => Cut::Whole(2, Incoming::Nack),
        [0xff, 0xff, high, low, check, ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            if sum(&[*high, *low, *check]) != 0 || length > LONGEST {
                return Cut::Whole(5, Incoming::Broken);
            }
            body(octets, 5, length)
        }
        [0xff, 0xff, ..] | [] | [_] => Cut::Short,
        [length, check, ..] if length.wrapping_add(*check) != 0 => Cut::Whole(2, Incoming::Broken),
        [length, ..] => body(octets, 2, usize::from(*length)),
    }
}

/// The body of `length` octets and its checksum, behind `header` octets.
fn body(octets: &[u8], header: usize, length: usize) -> Cut {
    let end = header + length + 1;
    let Some(body) = octets.get(header..end) else { return Cut::Short };
    let incoming = match body {
        [FROM_HOST, command @ .., _] if sum(body) == 0 && !command.is_empty() => {
            Incoming::Command(command.to_vec())
        }
        _ => Incoming::Broken,
    };
    Cut::Whole(end, incoming)
}

/// A frame of the chip; `data` is response code and data.
pub(super) fn encode(data: &[u8]) -> Vec<u8> {
    encode_from(FROM_CHIP, data)
}

/// A frame as a host makes it.
#[cfg(test)]
pub(super) fn encode_command(data: &[u8]) -> Vec<u8> {
    encode_from(FROM_HOST, data)
}

fn encode_from(sender: u8, data: &[u8]) -> Vec<u8> {
    let body = [&[sender], data].concat();
    let mut frame = vec![0x00, 0x00, 0xff];
    if let Ok(length) = u8::try_from(body.len()) {
        frame.extend([length, length.wrapping_neg()]);
    } else {
        let [high, low] = u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes();
        frame.extend([0xff, 0xff, high, low, sum(&[high, low]).wrapping_neg()]);
    }
    frame.extend_from_slice(&body);
    frame.extend([sum(&body).wrapping_neg(), 0x00]);
    frame
}

fn sum(octets: &[u8]) -> u8 {
    octets.iter().fold(0, |sum, octet| sum.wrapping_add(*octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_any_length_comes_out_as_it_went_in_even_octet_by_octet() {
        for length in [1, 2, 254, 255, 264] {
            let command = vec![0x40; length];
            let mut deframer = Deframer::default();
            let mut found = Vec::new();
            for octet in encode_command(&command) {
                deframer.push(&[octet]);
                found.extend(deframer.next());
            }
            assert_eq!(found, [Incoming::Command(command)], "{length}");
        }
    }

    #[test]
    fn noise_before_a_frame_is_passed_over() {
        let mut deframer = Deframer::default();
        deframer.push(&[&[0x12, 0x34, 0x00][..], &encode_command(&[0x02]), &ACK, &NACK].concat());
        assert_eq!(deframer.next(), Some(Incoming::Command(vec![0x02])));
        assert_eq!(deframer.next(), Some(Incoming::Ack));
        assert_eq!(deframer.next(), Some(Incoming::Nack));
        assert_eq!(deframer.next(), None);
    }

    #[test]
    fn damaged_frames_are_broken() {
        let good = encode_command(&[0x4a, 0x01, 0x03, 0x00]);
        for index in [3, 5, 6, good.len() - 2] {
            let mut damaged = good.clone();
            damaged[index] ^= 0x40;
            let mut deframer = Deframer::default();
            deframer.push(&damaged);
            assert_eq!(deframer.next(), Some(Incoming::Broken), "octet {index}");
        }
    }
}
