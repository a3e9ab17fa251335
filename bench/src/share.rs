//! The share of a processor that Lambda gives a function, by its memory: at 1,769 MB it is a whole one.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>

use crate::Error;
use std::path::{Path, PathBuf};
use std::{fs, process};

/// The memory at which a function has a whole processor.
const WHOLE: u64 = 1_769;
/// How long a period is at whose end an exhausted share is filled up again, in microseconds. AWS does not say; people
/// who looked saw 20 ms.
const PERIOD: u64 = 20_000;

/// A control group of the kernel's that limits the processes in it. It is removed when this is dropped.
pub struct Share {
    group: PathBuf,
    /// Where the kernel takes the processes of no group back.
    root: PathBuf,
}

impl Share {
    /// The share of a function of so many megabytes.
    ///
    /// # Errors
    /// We may make no control groups here: this needs root, and a kernel that lets it.
    pub fn of(megabytes: u64) -> Result<Self, Error> {
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
        limited().map_err(|error| format!("{} cannot be made: {error}", group.display()))?;
        Ok(Self { group, root: root.to_owned() })
    }

    /// Limits this process from now on.
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
