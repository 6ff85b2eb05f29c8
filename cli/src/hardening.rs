//! What the program does for itself before anything else: no copy of its memory is written to a disk, and the console
//! understands it.

/// A crash leaves no core file, and no other process of the same user may read this one's memory. What the system
/// refuses it refuses to everybody; nothing depends on it.
#[cfg(unix)]
pub(crate) fn forbid_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Windows writes dumps only where its error reporting has been told to, for each program by name.
#[cfg(not(unix))]
pub(crate) const fn forbid_core_dumps() {}

/// The classic console of Windows takes colours, and the order to clear itself, only from a program that says so. One
/// that cannot shows them as they are.
pub(crate) fn prepare_console() {
    #[cfg(windows)]
    let _ = anstyle_query::windows::enable_ansi_colors();
}
