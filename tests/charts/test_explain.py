"""Pictures of contributions: which customers are shown."""

import numpy as np
import pandas as pd

from retention.charts.explain import swarm, three_customers

SCORES = pd.DataFrame(
    {
        "customer_id": range(7),
        "probability": [0.5, 0.9, 0.2, 0.48, 0.3, 0.9, 0.3],
        "predicted_decline": [True, True, False, False, False, True, False],
    }
)


def test_the_best_prediction_the_least_sure_decline_and_the_worst_are_shown():
    found = three_customers(SCORES, np.array([1, 0, 0, 1, 0, 1, 0]))
    # Of the two with 0.9, one declined, the other is the worst mistake.
    assert found == {"shap_right": 5, "shap_at_threshold": 0, "shap_wrong": 1}


def test_without_a_predicted_decline_the_most_probable_customer_is_the_open_one():
    nobody = SCORES.assign(predicted_decline=False)
    assert three_customers(nobody, np.zeros(7, dtype=int))["shap_at_threshold"] == 1


def test_points_of_about_the_same_value_give_way_and_others_stay_on_the_line():
    found = swarm(np.array([0.0, 1.0, 1.0, 1.0, 0.5]))
    assert found.tolist() == [0, 0, 1, -1, 0]
    assert swarm(np.zeros(3)).tolist() == [0, 1, -1]
