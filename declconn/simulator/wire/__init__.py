"""The spec read backwards: requests taken apart; answers, errors and frames written where the spec reads them."""
