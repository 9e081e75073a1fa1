"""The one kind of error that is the user's to mend."""


class UserError(Exception):
    """A wrong file, column, value or parameter.

    The message is one sentence for the user: it names the file, the row or key, what was expected
    and what to do. A stage prints it instead of a traceback.
    """
