"""The checker: what a flow file may not do, and what is legal but bad. `checks` puts the rules together."""
