"""Forms made from the declarations: an editor for each type of field, and nothing written down twice."""

from gui.forms.form import Form, commit_focused

__all__ = ["Form", "commit_focused"]
