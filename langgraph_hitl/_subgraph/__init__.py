"""The one review subgraph: prepare -> ask -> record [-> revise -> snapshot -> ask].

Not public; the presets in `langgraph_hitl.patterns` are its face.
"""
