"""The words of the data: the shop's raw headers and values, and our names for them.

Everything after `prepare` uses the English names below. Russian stays in the values.
"""

CUSTOMER_ID = "customer_id"
ACTIVITY = "activity"
DECLINE = "decline"  # the target: 1 = the customer's activity declined, 0 = it stayed
PROFIT = "monthly_profit"

DECLINED = "Снизилась"
STAYED = "Прежний уровень"
PREMIUM = "премиум"
STANDARD = "стандарт"
YES = "да"
NO = "нет"

# Headers of market_file.csv, in the shop's order.
MARKET_FILE = {
    "id": CUSTOMER_ID,
    "Покупательская активность": ACTIVITY,
    "Тип сервиса": "service_tier",
    "Разрешить сообщать": "allows_messages",
    "Маркет_актив_6_мес": "marketing_per_month_6m",
    "Маркет_актив_тек_мес": "marketing_this_month",
    "Длительность": "days_since_registration",
    "Акционные_покупки": "promo_share",
    "Популярная_категория": "favourite_category",
    "Средний_просмотр_категорий_за_визит": "categories_per_visit",
    "Неоплаченные_продукты_штук_квартал": "unpaid_items_3m",
    "Ошибка_сервиса": "service_errors",
    "Страниц_за_визит": "pages_per_visit",
}
MARKET_MONEY = {"id": CUSTOMER_ID, "Период": "period", "Выручка": "revenue"}
MARKET_TIME = {"id": CUSTOMER_ID, "Период": "period", "минут": "minutes"}
MONEY = {"id": CUSTOMER_ID, "Прибыль": PROFIT}

# Both long tables say «текущий_месяц»: the suffix goes behind `revenue_` or `minutes_`.
PERIODS = {
    "текущий_месяц": "current",
    "предыдущий_месяц": "previous",
    "препредыдущий_месяц": "before_previous",
}

REVENUES = ("revenue_before_previous", "revenue_previous", "revenue_current")
MINUTES = ("minutes_previous", "minutes_current")

NUMBERS = (
    "marketing_per_month_6m",
    "marketing_this_month",
    "days_since_registration",
    "promo_share",
    "categories_per_visit",
    "unpaid_items_3m",
    "service_errors",
    "pages_per_visit",
    *REVENUES,
    *MINUTES,
)
CATEGORIES = ("service_tier", "allows_messages", "favourite_category")

# What customers do, as opposed to who they are and what was done to them this month.
BEHAVIOURAL = (
    "marketing_per_month_6m",
    "promo_share",
    "categories_per_visit",
    "unpaid_items_3m",
    "pages_per_visit",
    *REVENUES,
    *MINUTES,
)
# Differences and sums over months, as weights of the columns that they are made of.
ENGINEERED = {
    "revenue_change": {"revenue_current": 1.0, "revenue_previous": -1.0},
    "revenue_change_before": {"revenue_previous": 1.0, "revenue_before_previous": -1.0},
    "revenue_sum": dict.fromkeys(REVENUES, 1.0),
    "minutes_change": {"minutes_current": 1.0, "minutes_previous": -1.0},
    "minutes_sum": dict.fromkeys(MINUTES, 1.0),
}

# Where a number stands among all customers', in words and in params.yaml.
LEVELS = ("low", "typical", "high")

# Columns of data/scores.parquet.
PROBABILITY = "probability"
PREDICTED = "predicted_decline"

# What a rule for segments and offers may name: never the id, and never the outcome, which nobody
# knows of the customers that a list is for.
RULE_COLUMNS = (*NUMBERS, *CATEGORIES, PROFIT, PROBABILITY, PREDICTED)
