"""Export of networks as TorchScript, with their descriptions and golden cases. It needs torch."""
