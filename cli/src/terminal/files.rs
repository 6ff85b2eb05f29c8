//! Files that hold a device's secrets: only their owner reads them, and a write is whole or did not happen.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

/// Longest file that is read, in octets.
const LIMIT: u64 = 8 * 1024 * 1024;

/// Makes the folder, for its owner alone (0700), if it is not there. A folder that others may enter is refused.
pub(super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
            let message = "others may enter this folder; `chmod 700` it, or choose another";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
    }
    Ok(())
}

/// Reads a file whole; `None` if there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut octets = Zeroizing::new(Vec::new());
    file.take(LIMIT).read_to_end(&mut octets)?;
    Ok(Some(octets))
}

/// Writes a file (0600) by way of a temporary one: written, synced, renamed, and the folder synced. Afterwards there
/// is either the old content or the new one, also after a power cut.
pub(super) fn write(folder: &Path, name: &str, octets: &[u8]) -> io::Result<()> {
    let temporary = folder.join(format!("{name}.new"));
    remove(&temporary)?;
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&temporary)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&temporary, folder.join(name))?;
    sync_folder(folder)
}

/// Writes a new file (0600) that holds a person's data; one that is there already stays as it is.
pub(super) fn write_new(path: &Path, octets: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(octets)?;
    file.sync_all()
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the folder's entries lasting. Windows has no such call, and its rename is journalled.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Takes the folder for this process, until the file is dropped. Another process is told, not waited for.
pub(super) fn lock(folder: &Path) -> io::Result<File> {
    let file =
        private(OpenOptions::new().write(true).create(true).truncate(false)).open(folder.join("lock"))?;
    file.try_lock().map_err(io::Error::from)?;
    Ok(file)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}
