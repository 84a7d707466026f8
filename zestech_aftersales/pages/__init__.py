"""The pages of a case, shared by the buyers' portal and the sellers' dashboard."""
