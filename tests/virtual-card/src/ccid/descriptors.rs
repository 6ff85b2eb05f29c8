//! The reader's raw descriptors, as a host reads them: device, configuration, interface, class, endpoints.

use super::model::Model;

/// Bulk towards the reader, bulk from it, interrupts from it.
const ENDPOINTS: [(u8, u8); 3] = [(0x01, 0x02), (0x82, 0x02), (0x83, 0x03)];

pub(super) fn raw(model: Model) -> Vec<u8> {
    let class = class(model);
    let endpoints: Vec<u8> = ENDPOINTS.into_iter().flat_map(|end| endpoint(end, model.packet)).collect();
    let interface = [9, 0x04, 0, 0, 3, 0x0b, 0x00, 0x00, 0];
    let total = u16::try_from(9 + interface.len() + class.len() + endpoints.len()).unwrap_or(u16::MAX);
    let [low, high] = total.to_le_bytes();
    [
        // USB 2.0, class told by the interface; maker and product are nobody's.
        &[18, 0x01, 0x00, 0x02, 0, 0, 0, 64, 0xff, 0xff, 0x01, 0x00, 0, 1, 0, 0, 0, 1][..],
        &[9, 0x02, low, high, 1, 1, 0, 0x80, 50],
        &interface,
        &class,
        &endpoints,
    ]
    .concat()
}

fn endpoint((address, attributes): (u8, u8), packet: u16) -> Vec<u8> {
    let [low, high] = if attributes == 0x03 { [8, 0] } else { packet.to_le_bytes() };
    vec![7, 0x05, address, attributes, low, high, if attributes == 0x03 { 24 } else { 0 }]
}

fn class(model: Model) -> Vec<u8> {
    let message = u32::try_from(model.message).unwrap_or(u32::MAX);
    [
        // Revision 1.10, one slot, 5, 3 and 1.8 V, T=0 and T=1.
        &[54, 0x21, 0x10, 0x01, 0, 0x07][..],
        &3_u32.to_le_bytes(),
        // Default and maximum clock in kHz, one frequency; default and maximum rate, one rate.
        &4_000_u32.to_le_bytes(),
        &4_000_u32.to_le_bytes(),
        &[0],
        &10_752_u32.to_le_bytes(),
        &344_086_u32.to_le_bytes(),
        &[0],
        // Longest IFS of T=1, no synchronous protocols, no mechanics.
        &254_u32.to_le_bytes(),
        &0_u32.to_le_bytes(),
        &0_u32.to_le_bytes(),
        &model.features.to_le_bytes(),
        &message.to_le_bytes(),
        // Classes of GET RESPONSE and ENVELOPE as the command's; no display, no keys; one busy slot.
        &[0xff, 0xff, 0, 0, 0, 1],
    ]
    .concat()
}
