"""The words of the shop that the demo store imitates: its headers and values, and our names."""

from retention.contract.columns import CUSTOMER_ID

ACTIVITY = "activity"
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
