"""Generator of linear.pt, a network that is linear in the shares: `python linear.py`, with PyTorch.

s_t = A s_(t-1) + B x_t and outputs D s_t + e. tests/api/linear.rs has the same numbers and expects every explanation to
contain them. Eleven classes, three dimensions, three outputs.
"""

import torch
from torch import nn

CLASSES, DIMENSIONS, OUTPUTS = 11, 3, 3


class Linear(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        a = torch.tensor([0.5, 0.6, 0.7])
        b = [[((7 * i + 3 * k) % 11 - 5) / 20 for k in range(CLASSES)] for i in range(DIMENSIONS)]
        d = [[((5 * o + 2 * i) % 7 - 3) / 4 for i in range(DIMENSIONS)] for o in range(OUTPUTS)]
        self.register_buffer("a", a)
        self.register_buffer("b", torch.tensor(b))
        self.register_buffer("d", torch.tensor(d))
        self.register_buffer("e", torch.tensor([0.1 * o for o in range(OUTPUTS)]))

    def forward(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        state = h[0]
        states: list[torch.Tensor] = []
        for step in range(x.size(1)):
            # Explicit sums: a matrix product may round differently for another batch size.
            state = self.a * state + (x[:, step].unsqueeze(1) * self.b).sum(dim=2)
            states.append(state)
        trajectory = torch.stack(states, dim=1)
        outputs = (trajectory.unsqueeze(2) * self.d).sum(dim=3) + self.e
        return trajectory, outputs, state.unsqueeze(0), c


torch.jit.script(Linear().eval()).save("linear.pt")
