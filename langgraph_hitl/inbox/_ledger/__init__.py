"""The ledger: the tables of the inbox, and nothing of LangGraph."""
