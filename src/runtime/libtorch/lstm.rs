//! Sizes of an LSTM, from the names and shapes of its parameters.

use tch::CModule;

use crate::NetworkError;

/// L and H, as PyTorch names and shapes the parameters of an LSTM: `weight_hh_l0` to `weight_hh_l{L-1}`, `[4 H, H]`.
pub(super) fn sizes(module: &CModule) -> Result<(usize, usize), NetworkError> {
    let parameters = module.named_parameters()?;
    let recurrent: Vec<_> = parameters
        .iter()
        .filter(|(name, _)| is_recurrent(name))
        .map(|(_, weight)| weight.size())
        .collect();
    let Some(&[rows, columns]) = recurrent.first().map(Vec::as_slice) else {
        return Err(NetworkError::Sizes);
    };
    if rows != 4 * columns || recurrent.iter().any(|size| size[..] != [rows, columns]) {
        return Err(NetworkError::Sizes);
    }
    Ok((
        recurrent.len(),
        usize::try_from(columns).unwrap_or_default(),
    ))
}

fn is_recurrent(parameter: &str) -> bool {
    let name = parameter.rsplit('.').next();
    name.is_some_and(|name| name.starts_with("weight_hh_l"))
}
