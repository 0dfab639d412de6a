"""The review subgraph, node by node."""
