//! The most memory that a server takes, from its settings.
//!
//! `docs/deployment.md` has the formula in words, and the limits of the pods in `docker/kubernetes` follow from it;
//! `tests/soak` holds a server under attack to it.

use crate::service::ServiceSettings;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// The process with libtorch, the reference model and the records' connections, before the first request.
const PROCESS: u64 = 320 * MIB;

/// A thread of the network with two copies of it, and what libtorch keeps for a thread.
const NETWORK_THREAD: u64 = 32 * MIB;

/// An explanation that is being computed: its perturbations and its record.
const EXPLANATION: u64 = 64 * MIB;

/// An explanation that waits: its history.
const WAITING_EXPLANATION: u64 = MIB;

/// A connection: buffers for reading and writing of 64 KiB each, of which one is full while the other is in use, and TLS.
const CONNECTION: u64 = 112 * KIB;

/// A request under way: an answer that is too small to be counted, and its state.
const REQUEST: u64 = 80 * KIB;

/// What is held of a body is a vector that has grown by doubling.
const OF_HELD: u64 = 2;

/// A large body is parsed by one thread of the pool: the places of its parts, at most so many times its bytes; or a journal
/// of its transactions, 112 bytes for each one of at least 40, twice while it grows.
const OF_PARSED: u64 = 8;

/// One job is computed at a time: its stored request, and the body that it is unpacked to.
const OF_JOB: u64 = 2;

/// The process that tries a network, with libtorch, before it loads one.
const TRIAL: u64 = 192 * MIB;

impl ServiceSettings {
    /// The most memory that a server with these settings takes, in bytes, whatever its callers send: its own process, and
    /// the one that tries a network while models are loaded. Larger networks than the reference model's, several of them,
    /// and records that are kept in memory come in addition.
    #[must_use]
    pub fn memory_ceiling(&self) -> u64 {
        let of_trial = match self.trial.trial_memory_bytes {
            0 => 0,
            bytes => TRIAL.saturating_add(bytes),
        };
        self.process_memory_ceiling().saturating_add(of_trial)
    }

    /// The part of the server's own process.
    #[must_use]
    pub fn process_memory_ceiling(&self) -> u64 {
        let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let limits = &self.limits;
        // What open streams keep of their transactions is held like bodies.
        let held = size(limits.held_bytes())
            .saturating_add(size(limits.held_line_bytes()))
            .saturating_add(size(limits.held_answer_bytes()));
        let threads = size(self.network.threads());
        let body = size(limits.body_bytes());
        [
            PROCESS,
            held.saturating_mul(OF_HELD),
            threads.saturating_mul(NETWORK_THREAD + OF_PARSED * body),
            OF_JOB * body,
            size(self.capacity.threads()).saturating_mul(EXPLANATION),
            u64::from(self.capacity.explanation_queue).saturating_mul(WAITING_EXPLANATION),
            u64::from(self.connections.max_connections).saturating_mul(CONNECTION),
            u64::from(self.traffic.max_concurrent_requests).saturating_mul(REQUEST),
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args as _, Command, FromArgMatches as _};

    /// The folder of the files for Kubernetes.
    const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docker/kubernetes");

    fn ceiling(arguments: &[String]) -> u64 {
        let command = ServiceSettings::augment_args(Command::new("serve").no_binary_name(true));
        let found = command.try_get_matches_from(arguments).unwrap();
        ServiceSettings::from_arg_matches(&found)
            .unwrap()
            .memory_ceiling()
    }

    fn arguments(given: &[&str]) -> Vec<String> {
        given.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ceiling_grows_with_each_setting_that_bounds_memory() {
        let base = [
            "--threads=2",
            "--explanation-threads=1",
            "--max-held-bytes=67108864",
            "--max-body-bytes=8388608",
            "--max-connections=1000",
            "--max-concurrent-requests=256",
            "--explanation-queue=16",
            "--trial-memory-bytes=268435456",
        ];
        let at_base = ceiling(&arguments(&base));
        assert_eq!(
            at_base / MIB,
            320 + 2 * 128 + 2 * (32 + 64) + 16 + 64 + 16 + 109 + 20 + 192 + 256
        );
        for more in [
            "--threads=3",
            "--explanation-threads=2",
            "--max-held-bytes=67109888",
            "--max-body-bytes=8389632",
            "--max-connections=1001",
            "--max-concurrent-requests=257",
            "--explanation-queue=17",
            "--trial-memory-bytes=268435457",
        ] {
            let name = more.split('=').next().unwrap();
            let with: Vec<_> = base
                .iter()
                .map(|one| if one.starts_with(name) { more } else { one })
                .collect();
            assert!(ceiling(&arguments(&with)) > at_base, "{more}");
        }
        let without_trial: Vec<_> = base[..7]
            .iter()
            .chain(&["--trial-memory-bytes=0"])
            .copied()
            .collect();
        assert_eq!(
            (at_base - ceiling(&arguments(&without_trial))) / MIB,
            192 + 256
        );
    }

    /// The settings of a pod, as flags, and its limits of memory and processors.
    fn pod(file: &str) -> (Vec<String>, u64) {
        let text = std::fs::read_to_string(format!("{FILES}/{file}")).unwrap();
        let mut flags = vec![
            "--threads=2".to_owned(),
            "--explanation-threads=1".to_owned(),
        ];
        let mut lines = text.lines().map(str::trim);
        let mut memory = Vec::new();
        while let Some(line) = lines.next() {
            let name = line.strip_prefix("- name: MICROSEG_").unwrap_or_default();
            let bounds = ["MAX_", "EXPLANATION_", "TRIAL_MEMORY_"];
            if bounds.iter().any(|bound| name.starts_with(bound)) {
                let value = lines.next().unwrap().strip_prefix("value: ").unwrap();
                let flag = format!("--{}", name.to_lowercase().replace('_', "-"));
                flags.retain(|one| !one.starts_with(&flag));
                flags.push(format!("{flag}={}", value.trim_matches('"')));
            }
            if let Some(size) = line.strip_prefix("memory: ") {
                memory.push(size.strip_suffix("Mi").unwrap().parse::<u64>().unwrap());
            }
        }
        assert_eq!(memory.len(), 2, "a request and a limit");
        (flags, memory[1] * MIB)
    }

    #[test]
    fn pods_may_use_the_memory_that_their_settings_admit() {
        for file in [
            "base/scoring.yaml",
            "base/records.yaml",
            "kserve/servingruntime.yaml",
        ] {
            let (flags, limit) = pod(file);
            let ceiling = ceiling(&flags);
            assert!(ceiling <= limit, "{file}: {} Mi needed", ceiling / MIB);
        }
    }
}
