//! Frame around a page: that of a server, with links and the key that is signed in, or that of a file that stands alone.

/// Where a page will be.
#[derive(Debug, Clone, Copy)]
pub enum Frame<'a> {
    /// On a server.
    Server {
        /// The name of the key that the browser keeps; `None` without one.
        signed_in: Option<&'a str>,
        /// The address of the page among the links at its top.
        here: &'a str,
    },
    /// In a file, which has its own style and no links.
    File,
}
