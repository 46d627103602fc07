"""The server side of the JupyterLab panel."""
