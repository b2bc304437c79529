//! The absence of circles: between files, and between the folders of a crate.

use std::collections::BTreeSet;
use std::fmt;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::files::{Module, imports};
use crate::workspace::crates;

/// Files and subfolders of one folder that import each other.
struct Circle {
    folder: Module,
    nodes: BTreeSet<String>,
    imports: Vec<(Module, Module)>,
}

impl fmt::Display for Circle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes: Vec<_> = self.nodes.iter().map(String::as_str).collect();
        writeln!(
            formatter,
            "{}/{{{}}}",
            self.folder.join("/"),
            nodes.join(", ")
        )?;
        for (from, to) in &self.imports {
            writeln!(formatter, "    {} -> {}", from.join("/"), to.join("/"))?;
        }
        Ok(())
    }
}

/// The circles among the imports of a crate, at each of its folders.
fn circles(edges: &BTreeSet<(Module, Module)>) -> Vec<Circle> {
    let folders: BTreeSet<Module> = edges
        .iter()
        .flat_map(|(from, to)| [from, to])
        .flat_map(|module| (0..=module.len()).map(|depth| module[..depth].to_vec()))
        .collect();
    folders
        .iter()
        .flat_map(|folder| circles_in(folder, edges))
        .collect()
}

fn circles_in(folder: &Module, edges: &BTreeSet<(Module, Module)>) -> Vec<Circle> {
    let inside: Vec<_> = edges
        .iter()
        .filter_map(|edge| Some((node(folder, &edge.0)?, node(folder, &edge.1)?, edge)))
        .filter(|(from, to, _)| from != to)
        .collect();
    let graph: DiGraphMap<&str, ()> = inside.iter().map(|(from, to, _)| (*from, *to)).collect();
    let groups = tarjan_scc(&graph).into_iter();
    groups
        .filter(|group| group.len() > 1)
        .map(|group| Circle {
            folder: folder.clone(),
            imports: inside
                .iter()
                .filter(|(from, to, _)| group.contains(from) && group.contains(to))
                .map(|(_, _, edge)| (*edge).clone())
                .collect(),
            nodes: group.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}

/// The child of a folder that a module lies in. The folder's own file is a node beside its children.
fn node<'a>(folder: &Module, module: &'a Module) -> Option<&'a str> {
    let rest = module.strip_prefix(folder.as_slice())?;
    Some(rest.first().map_or("mod", String::as_str))
}

#[test]
fn imports_form_no_circle_in_any_folder() {
    let found: Vec<String> = crates()
        .into_iter()
        .flat_map(|(name, of)| {
            let circles = circles(&imports(&of.folder));
            circles
                .into_iter()
                .map(move |circle| format!("{name}: {circle}"))
        })
        .collect();
    assert!(
        found.is_empty(),
        "these files import each other in a circle: move what both need into a file below them.\n{}",
        found.join("\n")
    );
}

#[test]
fn circle_between_two_folders_is_found() {
    let module = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
    let edge = |from, to| (module(from), module(to));
    let open = BTreeSet::from([edge("a/x", "b"), edge("b", "c")]);
    assert!(circles(&open).is_empty());
    let closed = BTreeSet::from([edge("a/x", "b"), edge("b", "a/y")]);
    assert_eq!(circles(&closed).len(), 1);
}
