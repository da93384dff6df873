"""Every variant of the platform's protocol that was ever seen, beside the test that shows what becomes of it.

One row for each thing that the notes on the protocol name. The tests are elsewhere; here it is kept that each of them
exists, so that none is lost when tests are moved or renamed.
"""

import re
from pathlib import Path
from typing import Final

import pytest

_TESTS = Path(__file__).parents[1]
_FOLDERS = ("wire", "actors", "actors/api", "candles", "supervisor", "simulator", "optionbus")

VARIANTS: Final[dict[str, tuple[str, ...]]] = {
    # Framing.
    "open packet 0{sid, upgrades, pingInterval, pingTimeout}": ("framing::an_encoded_open_reads_back",),
    "open packet with or without maxPayload, and more": (
        "framing::the_greatest_payload_is_told_if_there_is_one",
        "framing::an_open_packet_may_hold_more",
        "framing::an_open_packet_without_sane_intervals_is_a_wire_error",
    ),
    "40, 40{} and 40{sid}": (
        "framing::a_packet_without_event_is_a_control",
        "framing::the_client_connects_with_nothing_more",
        "broker::a_connect_is_answered_with_a_sid",
    ),
    "0, 40, 40, 42[auth] in that order, or in one piece": (
        "handshake::a_login_goes_open_connect_auth",
        "connection::each_step_of_the_login_is_answered_and_told",
        "connection::a_login_that_comes_in_one_piece_is_the_same",
        "connection::what_comes_out_of_turn_changes_nothing_and_is_counted",
    ),
    "2 is answered with 3": ("connection::a_ping_is_answered_at_every_stage", "handshake::each_cell_is_as_pictured"),
    "a stray 3 is ignored": ("inlet::what_concerns_nobody_goes_to_nobody",),
    "42[ps] every 20 s": (
        "keep_alive::a_ready_session_is_kept_alive_every_20_seconds",
        "commands::the_keep_alive_is_two_letters",
    ),
    "idle sockets are closed after 180 s": ("broker::a_client_that_says_nothing_is_closed_after_three_minutes",),
    "451- header and one binary frame": (
        "framing::a_binary_event_is_a_header_and_its_attachment",
        "inlet::a_header_and_its_attachment_may_come_apart",
    ),
    "the same event as 42[event, payload]": ("framing::the_same_event_may_come_inline",),
    "45n- announces exactly n attachments, at most 10": (
        "framing::a_header_awaits_exactly_its_attachments",
        "framing::more_than_ten_attachments_are_not_awaited",
        "framing::a_binary_event_may_announce_no_attachment",
    ),
    "a ping between header and attachment": ("framing::a_ping_may_come_between_header_and_attachment",),
    "every header resets what was pending, also an unknown one": (
        "framing::a_header_resets_what_was_pending",
        "framing::a_header_resets_half_an_event",
        "framing::any_message_resets_what_was_pending",
    ),
    "pending state dies with the connection": ("framing::pending_dies_with_its_decoder",),
    "num is checked, the name is a string": (
        "framing::num_must_be_an_announced_attachment",
        "framing::the_name_of_an_event_must_be_a_string",
    ),
    "packets 40 to 46": ("framing::a_packet_without_event_is_a_control",),
    "ids and namespaces": (
        "framing::ids_and_namespaces_do_not_hide_an_event",
        "framing::ids_and_namespaces_do_not_hide_a_header",
        "handshake::another_namespace_is_not_this_session",
    ),
    "binary ack 461-1[...]": ("framing::a_binary_ack_comes_with_its_last_attachment",),
    "430 is no binary event": ("inlet::what_concerns_nobody_goes_to_nobody",),
    "engine packets 1 and 6": (
        "connection::a_closed_engine_is_a_lost_connection",
        "inlet::what_concerns_nobody_goes_to_nobody",
    ),
    "unknown packets are counted, the log is not flooded": (
        "framing::a_packet_of_unknown_type_is_counted",
        "inlet::the_log_is_not_flooded_by_unreadable_messages",
    ),
    "malformed: wrong type": ("framing::the_name_of_an_event_must_be_a_string", "payloads::no_json_raises_anything"),
    "malformed: truncated": (
        "framing::a_truncated_event_is_malformed",
        "broken_payloads::a_payload_that_was_cut_off_is_refused_as_one",
    ),
    "malformed: not UTF-8": (
        "framing::text_that_is_not_utf8_is_malformed",
        "reading::an_error_holds_nothing_of_the_payload",
    ),
    "malformed: nested 10 000 deep": (
        "framing::ten_thousand_levels_never_raise",
        "broken_payloads::an_endless_nest_costs_the_payload",
    ),
    "malformed: one counted line and nothing else": (
        "inlet::the_unreadable_is_counted_and_what_is_around_it_is_not_lost",
        "router::a_payload_that_cannot_be_read_is_counted_and_logged_without_its_content",
    ),
    # Session.
    "auth body with isDemo, uid, platform": ("ssid::a_demo_frame_is_read_as_it_is",),
    "auth body with isFastHistory, isOptimized, currentUrl": (
        "ssid::every_good_form_is_sent_as_one_auth_event",
        "ssid::fields_nobody_knows_are_sent_on",
    ),
    "sessionToken": ("ssid::the_session_may_be_called_session_token",),
    "uid int or string": ("ssid::a_uid_may_be_a_number_or_text",),
    "demo by isDemo or by currentUrl": ("ssid::demo_is_told_by_flag_or_address",),
    "a real session is a PHP array and a hash": (
        "ssid::a_real_session_names_its_user_agent",
        "php_session::what_php_serializes_is_read",
    ),
    "the User-Agent is the one inside the session": (
        "ssid::any_printable_user_agent_is_found",
        "websocket_transport::the_server_is_told_origin_and_user_agent",
    ),
    "pasted without 42[auth], without quotes, unescaped, cut": (
        "ssid::a_repaired_demo_session_is_the_same_and_warned_about",
        "ssid::a_repaired_real_session_is_the_same_and_warned_about",
        "ssid::a_cut_off_frame_is_never_taken_for_a_whole",
    ),
    "pasted: only the session id, double-encoded": ("ssid::what_is_no_ssid_is_refused_with_its_problem",),
    "the error shows the expected shape": ("ssid::the_refusal_shows_what_is_expected",),
    "every recovery is type-checked": ("ssid::a_field_of_a_wrong_type_is_refused_by_its_name",),
    "an SSID is in no repr, log or error": (
        "ssid::a_good_ssid_shows_itself_nowhere",
        "ssid::a_refusal_shows_the_text_nowhere",
    ),
    "successauth {id} and {serverName}, binary or inline": (
        "handshake::every_form_of_acceptance_is_one",
        "broker::a_real_session_is_welcomed_by_the_server_name",
    ),
    "NotAuthorized, notAuthorized, auth_error, then 41": (
        "handshake::a_refusal_is_rejected_once",
        "connection::a_refusal_followed_by_a_disconnect_is_one_refusal",
        "connection::not_authorized_is_a_refusal_at_any_time",
    ),
    "41 before successauth": ("handshake::a_disconnect_before_successauth_is_a_refusal",),
    "what a browser sends after successauth": ("commands::login_asks_for_what_a_browser_asks_for",),
    "regions": (
        "regions::a_host_has_several_names_in_any_case",
        "regions::without_a_name_the_usual_ones_are_tried_in_turn",
        "regions::the_nearest_is_looked_for_among_all_of_the_kind",
    ),
    "Origin": ("websocket_transport::the_server_is_told_origin_and_user_agent",),
    # Clock.
    "server times are 7 200 s ahead": (
        "server_clock::usual_offset_holds_before_any_sample",
        "market_payloads::a_tick_has_true_and_server_time",
    ),
    "the offset is estimated, snapped to 1 800 s, the residual is skew": (
        "server_clock::offset_snaps_to_half_hours",
        "server_clock::skew_is_smoothed_over_the_samples",
        "server_clock::a_new_offset_holds_once_most_samples_agree",
    ),
    "public times are true UTC": ("router::the_very_first_tick_is_in_true_utc_though_no_offset_is_known",),
    "seconds or milliseconds, ints or floats, with their fraction": (
        "server_clock::milliseconds_become_seconds_with_their_fraction",
        "market_payloads::a_tick_is_read_in_every_form",
        "account_payloads::times_in_milliseconds_are_the_same_times",
    ),
    # Market data.
    "updateStream of one row or several": ("market_payloads::every_row_of_a_batch_becomes_a_tick",),
    "bad rows of updateStream are dropped one by one": (
        "market_payloads::a_broken_field_of_a_tick_loses_only_that_row",
        "broken_payloads::a_broken_column_of_the_stream_costs_what_the_table_says",
    ),
    "updateAssets of 19 columns": ("market_payloads::an_asset_is_read_by_its_columns",),
    "updateAssets: a bad row, an unknown type, a 20th column": (
        "market_payloads::a_broken_column_of_an_asset_loses_at_most_that_row",
        "market_payloads::an_unknown_kind_of_asset_is_other",
        "market_payloads::columns_at_the_end_may_be_missing_or_more",
    ),
    "OTC is a column": ("market_payloads::otc_is_a_column_and_not_the_name",),
    "shortest duration from columns 7 and 17": ("market_payloads::shortest_duration_is_the_smaller_of_two_columns",),
    "updateHistoryNewFast, updateHistoryNew, updateHistory": ("payloads::every_event_becomes_its_word",),
    "history: [t, price] and [t, price, null], ascending": (
        "history_payloads::ticks_of_a_history_are_in_true_time",
        "history_payloads::a_third_column_of_a_tick_is_ignored",
        "history_payloads::ticks_out_of_order_come_out_ascending",
    ),
    "candles: open, close, high, low, with or without volume, descending": (
        "history_payloads::candles_stand_as_open_close_high_low",
        "history_payloads::a_sixth_column_of_a_candle_is_its_volume",
        "history_payloads::descending_candles_come_out_ascending_the_last_forming",
    ),
    "the forming bar is stale, ticks go on top": (
        "historical_data::the_answer_has_the_ticks_on_top_of_the_stale_candle",
    ),
    "history without candles, with empty ones": ("history_payloads::a_history_without_candles_still_has_ticks",),
    "history in columns o h l c t v": ("history_payloads::candles_in_columns_equal_candles_in_rows",),
    "loadHistoryPeriodFast and loadHistoryPeriod, matched by index": (
        "payloads::every_event_becomes_its_word",
        "history_payloads::a_page_of_candles_is_known_by_its_index",
        "get_candles::requests_at_once_are_told_apart_by_their_index",
    ),
    "pages of candles, with or without volume, asset and period": (
        "history_payloads::a_page_of_candles_is_known_by_its_index",
        "history_payloads::a_page_without_its_period_has_candles_of_none",
        "history_payloads::a_candle_of_a_page_may_have_its_volume",
    ),
    "pages of ticks, period 0": ("history_payloads::a_page_of_ticks_has_ticks",),
    "at most 150 a page, backwards, until nothing new": (
        "get_candles::pages_of_any_size_give_the_count_asked_for",
        "get_candles::paging_ends_where_the_archive_does",
        "get_candles::a_platform_that_repeats_its_page_is_not_asked_a_third_time",
    ),
    "unsolicited replies": (
        "get_candles::a_page_that_nobody_asked_for_changes_nothing",
        "historical_data::a_history_that_nobody_asked_for_is_passed_over",
    ),
    "offset is a count or seconds": ("get_candles::pages_of_any_size_give_the_count_asked_for",),
    "subfor and unsubfor, subscribeSymbol and unSubscribeSymbol": (
        "commands::a_command_is_read_back_by_the_other_side",
        "streams::a_subscribed_asset_streams_every_tick_once_and_in_order",
        "streams::an_unsubscribed_asset_streams_no_more",
    ),
    "only the last 4 assets stream, a fifth is refused": (
        "streams::only_the_last_four_subscribed_stream",
        "subscriptions::one_asset_more_than_the_limit_is_refused",
    ),
    "events nobody knows, such as those about chafor, are frames for raw handlers": (
        "framing::an_unknown_event_is_a_frame_like_any_other",
        "raw::a_handler_gets_the_frames_that_match",
    ),
    # Account and deals.
    "successupdateBalance with and without uid, login and isDemo": (
        "account_payloads::balance_is_money_exactly_as_written",
        "account_payloads::balance_may_leave_out_of_which_account",
        "balance::only_the_account_that_is_used_counts",
    ),
    "numbers as strings": ("broken_payloads::a_broken_field_costs_what_the_table_says",),
    "booleans as 0, 1, text and null": (
        "account_payloads::balance_says_of_which_account",
        "market_payloads::a_boolean_that_is_null_is_false",
    ),
    "Decimal goes out as a number": ("commands::a_stake_is_a_number_exactly_as_given",),
    "NaN, Infinity, 1e999999999": (
        "reading::money_that_cannot_be_meant_is_refused",
        "reading::nan_outside_of_quotes_counts_as_null",
        "account_payloads::a_balance_that_is_no_amount_is_unreadable",
    ),
    "rows are decoded whole, and one by one when that fails": ("reading::a_bad_row_is_lost_alone",),
    "openOrder": ("commands::a_command_is_read_back_by_the_other_side",),
    "successopenOrder: closePrice 0, requestId int or string": (
        "account_payloads::an_accepted_trade_is_a_deal",
        "account_payloads::a_request_id_is_echoed_as_it_was_sent",
        "account_payloads::a_closing_price_of_zero_is_none",
    ),
    "failopenOrder without requestId": (
        "account_payloads::a_refused_trade_says_why_and_of_which_asset",
        "trades::a_refusal_of_another_asset_is_no_answer_and_frees_nothing",
    ),
    "MaxDemoTrades: amount is the limit": (
        "trades::a_refused_order_is_answered_in_the_platforms_words",
        "trading::an_eleventh_deal_on_demo_names_the_limit_as_amount",
    ),
    "deal lists: requestId absent or null": (
        "account_payloads::a_deal_of_needed_fields_alone_is_read",
        "account_payloads::closed_deals_have_their_closing_price",
        "deals::an_acknowledgement_adds_its_order_to_a_deal_from_a_list",
    ),
    "a list that is partly unreadable says so": ("broken_payloads::a_list_of_deals_says_itself_how_many_are_missing",),
    "successcloseOrder: several deals, profit is gross": (
        "account_payloads::deals_settle_several_at_once",
        "account_payloads::a_settlement_may_leave_out_its_profit",
        "account_payloads::a_settlement_whose_profit_is_broken_still_has_its_deals",
    ),
    "a deal's profit: gain, negative stake, 0 on a draw": ("deals::the_profit_tells_how_a_deal_ended",),
    "a deal with nothing but its first dozen fields": ("account_payloads::a_deal_of_needed_fields_alone_is_read",),
    "command 0 and 1": ("account_payloads::a_command_is_a_direction",),
    "openPendingOrder for a time and for a price": ("commands::a_command_is_read_back_by_the_other_side",),
    "successopenPendingOrder nested and flat": ("pending_payloads::a_wrapped_order_is_the_same_order",),
    "failopenPendingOrder nested twice, nested, flat": ("pending_payloads::a_refusal_is_read_on_every_level",),
    "cancelPendingOrder and cancelPendingOrders": ("commands::a_command_is_read_back_by_the_other_side",),
    "success and fail of either cancel": (
        "payloads::every_event_becomes_its_word",
        "pending_payloads::cancelled_tickets_are_read_in_every_form",
        "pending_payloads::a_refused_cancellation_says_why",
    ),
    "successupdatePending: the flat list": (
        "pending_payloads::a_list_of_orders_is_read_bare_and_wrapped",
        "captured::captured_pending_orders_wait_for_both_things",
    ),
    "openTime 0000-00-00 00:00:00": ("pending_payloads::an_order_that_waits_for_a_price_has_no_time",),
    "limits of amount and duration, 10 deals on demo": (
        "limits::a_stake_outside_is_refused",
        "limits::a_duration_outside_is_refused",
        "trading::an_eleventh_deal_on_demo_names_the_limit_as_amount",
    ),
}


def _missing(tests: tuple[str, ...]) -> list[str]:
    return [test for test in tests if not _exists(*test.split("::"))]


def _exists(module: str, name: str) -> bool:
    files = [_TESTS / folder / f"test_{module}.py" for folder in _FOLDERS]
    return any(re.search(rf"^def test_{name}\w*\(", file.read_text(), re.MULTILINE) for file in files if file.exists())


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_has_its_tests(variant: str) -> None:
    assert VARIANTS[variant]
    assert _missing(VARIANTS[variant]) == []


def test_a_test_that_is_not_there_is_missed() -> None:
    assert _missing(("framing::nobody_wrote_this", "nowhere::pending_dies_with_its_decoder")) == [
        "framing::nobody_wrote_this",
        "nowhere::pending_dies_with_its_decoder",
    ]
