"""The names of columns that code may know: our own, whatever the shop calls its own.

All other columns have the names that contract.yaml gives them; what code must know of these, the
contract's roles say.
"""

CUSTOMER_ID = "customer_id"
DECLINE = "decline"  # the target: 1 = the customer's activity declined, 0 = it stayed

# Columns of data/scores.parquet.
PROBABILITY = "probability"
PREDICTED = "predicted_decline"

# What roles bind, once more under names that code knows: see retention/contract/roles.py.
PROFIT = "profit"
CONSENT = "consent"
CATEGORY = "category"

OURS = (DECLINE, PROBABILITY, PREDICTED, PROFIT, CONSENT, CATEGORY)

# Ids are texts, as the shop wrote them: `pd.read_csv(path, dtype=ID_AS_TEXT)`.
ID_AS_TEXT = {CUSTOMER_ID: str}

# Where a number stands among all customers', in words and in params.yaml.
LEVELS = ("low", "typical", "high")
