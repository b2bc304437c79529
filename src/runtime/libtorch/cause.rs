//! Cause of an error of libtorch, out of the text of its exception.
//!
//! An exception of the TorchScript interpreter begins with a sentence that is always the same and a trace of the network's
//! code; the cause is on its last lines. Other exceptions begin with the cause, and a trace of libtorch's own code follows.

use crate::RuntimeFault;

/// The longest cause that is kept, in characters.
const LONGEST: usize = 400;

/// The cause in one line.
pub(super) fn cause(text: &str) -> String {
    let own = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Exception raised from"));
    let lines: Vec<&str> = own.filter(|line| !line.is_empty()).collect();
    let raised = lines.iter().rev().find_map(|line| raised_message(line));
    let cause = raised.or(lines.first().copied()).unwrap_or_default();
    cause.chars().take(LONGEST).collect()
}

/// What follows the name of an exception, such as `RuntimeError: `.
fn raised_message(line: &str) -> Option<&str> {
    let (name, message) = line.split_once(": ")?;
    let is_name = (name.ends_with("Error") || name.ends_with("Exception"))
        && name.chars().all(|one| one.is_alphanumeric() || one == '.');
    is_name.then_some(message)
}

/// Words of libtorch's messages, and the fault that they tell; the first that is found counts.
const WORDS: [(&str, RuntimeFault); 27] = [
    ("allocate memory", RuntimeFault::Memory),
    ("out of memory", RuntimeFault::Memory),
    ("bad_alloc", RuntimeFault::Memory),
    ("allocator", RuntimeFault::Memory),
    ("dtype", RuntimeFault::DataType),
    ("scalar type", RuntimeFault::DataType),
    ("data type", RuntimeFault::DataType),
    ("datatype", RuntimeFault::DataType),
    ("sparse", RuntimeFault::Layout),
    ("mkldnn", RuntimeFault::Layout),
    ("quantized", RuntimeFault::Layout),
    ("layout", RuntimeFault::Layout),
    ("cuda", RuntimeFault::Device),
    ("not linked with support for", RuntimeFault::Device),
    ("device", RuntimeFault::Device),
    ("not implemented for '", RuntimeFault::DataType),
    ("float but", RuntimeFault::DataType),
    ("double", RuntimeFault::DataType),
    ("bfloat16", RuntimeFault::DataType),
    ("shape", RuntimeFault::Shape),
    ("size", RuntimeFault::Shape),
    ("dimension", RuntimeFault::Shape),
    ("-d tensor", RuntimeFault::Shape),
    ("batched", RuntimeFault::Shape),
    ("out of range", RuntimeFault::Shape),
    ("out of bounds", RuntimeFault::Shape),
    ("argument", RuntimeFault::Signature),
];

/// The fault that a cause tells.
pub(super) fn fault(cause: &str) -> RuntimeFault {
    let cause = cause.to_lowercase();
    let found = WORDS.iter().find(|(words, _)| cause.contains(words));
    found.map_or(RuntimeFault::Other, |&(_, fault)| fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cause_is_found_behind_the_trace_of_the_network() {
        let text = "Internal torch error: The following operation failed in the TorchScript interpreter.\n\
            Traceback of TorchScript, serialized code (most recent call last):\n  \
              File \"code/__torch__.py\", line 9, in forward\n    y = torch.lstm(x)\n        ~~~~ <--- HERE\n\
            RuntimeError: Input and parameter tensors are not the same dtype, found input tensor with Float\n\n";
        let found = cause(text);
        assert!(found.starts_with("Input and parameter tensors"), "{found}");
        assert_eq!(fault(&found), RuntimeFault::DataType);
    }

    #[test]
    fn cause_is_the_first_line_where_libtorch_itself_fails() {
        let text = "Internal torch error: PytorchStreamReader failed locating file constants.pkl: file not found\n\
            Exception raised from valid at inline_container.cc:200 (most recent call first):\n\
            frame #0: c10::Error::Error(c10::SourceLocation): reason";
        let found = cause(text);
        assert!(found.ends_with("constants.pkl: file not found"), "{found}");
        assert_eq!(cause(""), "");
    }

    #[test]
    fn faults_are_told_apart() {
        for (cause, expected) in [
            (
                "get_mkldnn_dtype: unsupported data type",
                RuntimeFault::DataType,
            ),
            (
                "reshape is not implemented for sparse tensors",
                RuntimeFault::Layout,
            ),
            (
                "expected scalar type Double but found Float",
                RuntimeFault::DataType,
            ),
            (
                "mat1 and mat2 must have the same dtype, but got Float and Half",
                RuntimeFault::DataType,
            ),
            (
                "Expected hidden[0] size (1, 6, 8), got [1, 1, 8]",
                RuntimeFault::Shape,
            ),
            (
                "shape '[1, 6, 8]' is invalid for input of size 16",
                RuntimeFault::Shape,
            ),
            (
                "mat1 and mat2 shapes cannot be multiplied (1x11 and 97x4)",
                RuntimeFault::Shape,
            ),
            (
                "Could not run 'aten::empty.memory_format' with arguments from the 'CUDA' backend.",
                RuntimeFault::Device,
            ),
            (
                "PyTorch is not linked with support for cuda devices",
                RuntimeFault::Device,
            ),
            ("unsupported tensor layout: Sparse", RuntimeFault::Layout),
            (
                "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory",
                RuntimeFault::Memory,
            ),
            ("AssertionError: ", RuntimeFault::Other),
        ] {
            assert_eq!(fault(cause), expected, "{cause}");
        }
    }
}
