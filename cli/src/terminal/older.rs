//! Folders of programs that kept the device key as a record in two files: `device.0` and `device.1`, and beside them
//! `next.0` and `next.1` for the key of a rotation that was cut off. Their state is the core's, as it was then.
//!
//! The key is taken over under the name that the core gives it. One that was to follow is given up: the service takes
//! the old one until the new one is used, and that was never before it had taken its place.

use shikaku::guide::Code;
use shikaku::terminal::DeviceKey as _;

use super::folder::Folder;
use crate::failure::Failure;

/// What the core calls the first key.
const FIRST: &str = "device-1";

/// Takes the key of an older program over. Broken off, it is begun again; nothing goes before the key is kept anew.
pub(super) fn take_over(folder: &Folder) -> Result<(), Failure> {
    let failed = |fault: &dyn std::fmt::Display| {
        Failure::coded(Code::StateDamaged, format_args!("{}: device key: {fault}", folder.path().display()))
    };
    let read = |name: &str| folder.load(name).map_err(|fault| failed(&fault));
    let (even, odd) = (read("device.0")?, read("device.1")?);
    if even.is_none() && odd.is_none() {
        return Ok(());
    }
    if folder.public_key(FIRST).map_err(|fault| failed(&fault))?.is_none() {
        let files = [even.as_ref().map(|file| file.as_slice()), odd.as_ref().map(|file| file.as_slice())];
        let key = folder.opened_key("device", files).map_err(|fault| failed(&fault))?;
        folder.keep_key(FIRST, &key).map_err(|fault| failed(&fault))?;
    }
    for name in ["next.0", "next.1", "device.0", "device.1"] {
        folder.remove(name).map_err(|fault| failed(&fault))?;
    }
    Ok(())
}
