//! The CPU share that Lambda gives a function. It depends on the function's memory; 1,769 MB give one full processor.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>

use crate::Error;
use std::path::{Path, PathBuf};
use std::{fs, process};

/// The memory at which a function has one full processor.
const WHOLE: u64 = 1_769;
/// The period after which an exhausted share is refilled, in microseconds. AWS does not document it; published measurements
/// show 20 ms.
const PERIOD: u64 = 20_000;

/// A cgroup that limits the processes in it. The cgroup is removed when this value is dropped.
pub struct Share {
    group: PathBuf,
    /// The root cgroup. The processes are moved back to it at the end.
    root: PathBuf,
}

impl Share {
    /// Returns the CPU share of a function with this memory.
    ///
    /// # Errors
    /// A cgroup cannot be created here: that requires root, and a kernel that allows it.
    pub fn from_megabytes(megabytes: u64) -> Result<Self, Error> {
        let quota = PERIOD * megabytes / WHOLE;
        let second_version = Path::new("/sys/fs/cgroup/cgroup.controllers").exists();
        let root = Path::new(if second_version { "/sys/fs/cgroup" } else { "/sys/fs/cgroup/cpu" });
        let group = root.join(format!("signpost-bench-{}-{megabytes}", process::id()));
        let limited = || {
            if second_version {
                fs::write(root.join("cgroup.subtree_control"), "+cpu")?;
                fs::create_dir(&group)?;
                return fs::write(group.join("cpu.max"), format!("{quota} {PERIOD}"));
            }
            fs::create_dir(&group)?;
            fs::write(group.join("cpu.cfs_period_us"), PERIOD.to_string())?;
            fs::write(group.join("cpu.cfs_quota_us"), quota.to_string())
        };
        limited().map_err(|error| format!("{} cannot be created: {error}", group.display()))?;
        Ok(Self { group, root: root.to_owned() })
    }

    /// Limits the CPU time of the process with this id from now on.
    pub fn limit(&self, process: u32) -> Result<(), Error> {
        Ok(fs::write(self.group.join("cgroup.procs"), process.to_string())?)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        for process in fs::read_to_string(self.group.join("cgroup.procs")).unwrap_or_default().lines() {
            let _ = fs::write(self.root.join("cgroup.procs"), process);
        }
        let _ = fs::remove_dir(&self.group);
    }
}
