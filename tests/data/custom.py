"""Generator of custom.pt, a network unlike the reference network: `python custom.py`, with PyTorch.

Two layers, four hidden units, eleven classes, three outputs; plain nn.LSTM and nn.Linear. The weights are random: the
network stands for one that was trained outside this project.
"""

import torch
from torch import nn


class Custom(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.LSTM(11, 4, num_layers=2, batch_first=True)
        self.head = nn.Linear(4, 3)

    def forward(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        states, (h, c) = self.encoder(x, (h, c))
        return states, torch.sigmoid(self.head(states)), h, c


torch.manual_seed(7)
network = Custom()
with torch.no_grad():
    for name, weights in network.named_parameters():
        # Shares are small: larger weights let them move the state.
        if "weight_ih_l0" in name or "head" in name:
            weights.mul_(3)
torch.jit.script(network.eval()).save("custom.pt")
