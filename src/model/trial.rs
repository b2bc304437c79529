//! Trial of a bundle in a process of its own, with a limit on its memory and its time, before its network runs in this one.
//!
//! A network that allocates without measure, crashes or does not return ends the process that tries it, and no other.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::batching::{StartError, try_network};
use crate::bundle::Bundle;
use crate::load_control::LoadControl;
use crate::load_error::LoadError;
use crate::trial_error::TrialError;

/// The pause between two looks at the process.
const PAUSE: Duration = Duration::from_millis(5);

/// The most bytes of its messages that are kept.
const MESSAGE_BYTES: u64 = 64 << 10;

/// What messages say when an allocation failed; the last one is oneDNN's.
const OUT_OF_MEMORY: [&str; 3] = ["memory", "bad_alloc", "could not create a primitive"];

/// Settings of the environment that a network has no use for; they may hold secrets.
const PRIVATE: [&str; 3] = ["MICROSEG_", "OTEL_", "PG"];

/// How a bundle is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The program, which gets the arguments `model try --memory-bytes N --batch-steps N DIR` and calls [`try_bundle`].
    pub program: PathBuf,
    /// The most bytes that it may allocate for the bundle.
    pub memory_bytes: u64,
    /// The time limit.
    pub timeout: Duration,
}

/// Reads a bundle and runs its network: the golden cases, and a batch of `steps` steps.
///
/// # Errors
/// [`LoadError`] when the bundle is faulty, or its network does not run.
pub fn try_bundle(directory: &Path, steps: usize) -> Result<(), LoadError> {
    let bundle = Bundle::read(directory)?;
    try_network(&bundle, steps).map_err(|error: StartError| error.into())
}

impl Trial {
    /// A trial by the running program, which must be microseg.
    ///
    /// # Errors
    /// When the system does not tell which program is running.
    pub fn by_this_program(memory_bytes: u64, timeout: Duration) -> io::Result<Self> {
        // On Linux the link leads to the running program, even if its file has been replaced since.
        let link = Path::new("/proc/self/exe");
        let program = if link.exists() {
            link.to_owned()
        } else {
            std::env::current_exe()?
        };
        Ok(Self {
            program,
            memory_bytes,
            timeout,
        })
    }

    /// Tries the bundle in `directory` with batches of up to `steps` steps. What it prints is not kept: a warning says so.
    ///
    /// # Errors
    /// [`TrialError`] when it does not pass.
    pub fn run(
        &self,
        directory: &Path,
        steps: usize,
        control: &LoadControl,
    ) -> Result<(), TrialError> {
        let fault = |source| TrialError::Process {
            program: self.program.clone(),
            source,
        };
        let mut process = self.command(directory, steps).spawn().map_err(fault)?;
        let printed = process.stdout.take().map(|stdout| read(stdout, 0));
        let messages = process
            .stderr
            .take()
            .map(|stderr| read(stderr, MESSAGE_BYTES));
        let ended = wait(&mut process, self.timeout, control);
        if !matches!(ended, Ok(Some(_))) {
            // It may have ended meanwhile.
            let _ = process.kill();
            let _ = process.wait();
        }
        let [printed, messages] = [printed, messages].map(joined);
        match ended.map_err(fault)? {
            None if control.is_stopped() => Err(TrialError::Stopped),
            None => Err(TrialError::Timeout(self.timeout)),
            Some(status) if status.success() => {
                if printed.0 > 0 {
                    warn_of_prints(directory, printed.0);
                }
                Ok(())
            }
            Some(status) => Err(self.refused(last_words(&messages.1, status), status)),
        }
    }

    fn refused(&self, message: String, status: ExitStatus) -> TrialError {
        // A crash, too, is most likely for want of memory.
        let is_memory = OUT_OF_MEMORY.iter().any(|words| message.contains(words));
        if status.code().is_some() && !is_memory {
            return TrialError::Refused(message);
        }
        TrialError::Memory {
            memory_bytes: self.memory_bytes,
            message,
        }
    }

    fn command(&self, directory: &Path, steps: usize) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if PRIVATE.iter().any(|private| text.starts_with(private)) {
                command.env_remove(&name);
            }
        }
        command
            .env("MICROSEG_CONFIG", "/dev/null")
            .args(["--log", "off", "model", "try", "--memory-bytes"])
            .arg(self.memory_bytes.to_string())
            .arg("--batch-steps")
            .arg(steps.to_string())
            .arg(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

fn warn_of_prints(directory: &Path, bytes: u64) {
    tracing::warn!(
        folder = %directory.display(),
        bytes,
        "the network prints when it runs: what it prints is not shown, since it may be values of customers"
    );
}

/// Bytes that were read, and the first of them.
type ReadBytes = (u64, Vec<u8>);

/// Reads all that a process writes, and keeps the first bytes.
fn read(mut source: impl Read + Send + 'static, kept: u64) -> JoinHandle<ReadBytes> {
    thread::spawn(move || {
        let mut first = Vec::new();
        let begun = source.by_ref().take(kept).read_to_end(&mut first);
        let rest = io::copy(&mut source, &mut io::sink());
        let begun = begun.map_or(0, |bytes| bytes as u64);
        (begun + rest.unwrap_or(0), first)
    })
}

fn joined(reading: Option<JoinHandle<ReadBytes>>) -> ReadBytes {
    let read = reading.and_then(|reading| reading.join().ok());
    read.unwrap_or_default()
}

/// How the process ended; `None` when it did not in time, or before `control` stopped it.
fn wait(
    process: &mut Child,
    timeout: Duration,
    control: &LoadControl,
) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        let ended = process.try_wait()?;
        if ended.is_some() || begun.elapsed() >= timeout || control.is_stopped() {
            return Ok(ended);
        }
        thread::sleep(PAUSE);
    }
}

/// The last line of the messages, or how the process ended if it was not by itself.
fn last_words(messages: &[u8], status: ExitStatus) -> String {
    let text = String::from_utf8_lossy(messages);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    match (last, status.code()) {
        (Some(line), Some(_)) => line.trim_start_matches("microseg: ").to_owned(),
        (Some(line), None) => format!("{status}: {line}"),
        (None, _) => status.to_string(),
    }
}
