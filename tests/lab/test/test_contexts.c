/* Where the simulator keeps the context of conversations: attributes, contacts, profiles. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include <stdio.h>
#include <string.h>

#define CONVERSATION "/api/v2/conversations/conversation-1"
#define ATTRIBUTES CONVERSATION "/participants/participant-1/attributes"
#define CONTACT "/api/v2/externalcontacts/contacts/contact-1"
#define PROFILE "/api/v2/conversations/contacts/contact-7/profile"

/* The attribute of the first participant, or "". The text lives until the next call. */
static const char *attribute(const struct sim *sim, const char *key)
{
    static char value[64];
    cJSON *conversation = sim_call(sim, "GET", CONVERSATION, NULL, 200);
    const cJSON *participant =
        cJSON_GetArrayItem(cJSON_GetObjectItem(conversation, "participants"), 0);
    const char *found = cJSON_GetStringValue(
        cJSON_GetObjectItem(cJSON_GetObjectItem(participant, "attributes"), key));

    (void)snprintf(value, sizeof(value), "%s", found == NULL ? "" : found);
    cJSON_Delete(conversation);
    return value;
}

static void attributes_are_taken_at_once_and_show_later(void **state)
{
    struct sim sim;
    struct client_reply reply = {0};
    cJSON *line;

    (void)state;
    sim_start(&sim, "--attributes=600ms", NULL);
    sim_send(&sim, "PATCH", ATTRIBUTES, "{\"attributes\":{\"step\":\"payment\",\"a\":\"1\"}}",
             &reply);
    assert_int_equal(reply.status, 202);
    assert_string_equal(reply.body, "");
    client_reply_free(&reply);
    line = sim_journal_last(&sim);
    assert_string_equal(client_text(line, "resource"), "conversation/conversation-1");
    assert_true(client_truth(line, "applied"));
    cJSON_Delete(line);
    assert_string_equal(attribute(&sim, "step"), "");
    ASSERT_SOON(strcmp(attribute(&sim, "step"), "payment") == 0);
    sim_send(&sim, "PATCH",
             "/api/v2/conversations/messages/conversation-1/participants/participant-1/attributes",
             "{\"attributes\":{\"step\":\"done\"}}", &reply);
    assert_int_equal(reply.status, 202);
    client_reply_free(&reply);
    ASSERT_SOON(strcmp(attribute(&sim, "step"), "done") == 0);
    assert_string_equal(attribute(&sim, "a"), "1");
    sim_stop(&sim);
}

static void attributes_that_cannot_be_are_refused(void **state)
{
    cJSON_Delete(sim_call(*state, "PATCH", ATTRIBUTES, "{\"attributes\":{\"step\":7}}", 400));
    cJSON_Delete(sim_call(*state, "PATCH", ATTRIBUTES, "{}", 400));
    cJSON_Delete(sim_call(*state, "PATCH", CONVERSATION "/participants/nobody/attributes",
                          "{\"attributes\":{}}", 404));
    cJSON_Delete(sim_call(*state, "PATCH",
                          "/api/v2/conversations/none/participants/participant-1/attributes",
                          "{\"attributes\":{}}", 404));
    cJSON_Delete(sim_call(*state, "PUT", ATTRIBUTES, "{\"attributes\":{}}", 405));
}

static void a_new_conversation_is_made_by_hand(void **state)
{
    struct sim *sim = *state;
    struct client_reply reply = {0};

    cJSON_Delete(client_json(sim->port, "POST", "/sim/documents/conversation/conversation-2",
                             "{\"participants\":[{\"id\":\"p\"}]}", 200));
    sim_send(sim, "PATCH", "/api/v2/conversations/conversation-2/participants/p/attributes",
             "{\"attributes\":{\"a\":\"b\"}}", &reply);
    assert_int_equal(reply.status, 202);
    client_reply_free(&reply);
}

static void a_contact_is_changed_field_by_field(void **state)
{
    cJSON *contact = sim_call(
        *state, "PATCH", CONTACT,
        "{\"changes\":["
        "{\"action\":\"Update\",\"field\":\"$.customFields.currentStep_text\",\"value\":"
        "\"payment\"},"
        "{\"action\":\"UpdateIfEmpty\",\"field\":\"$.customFields.account_text\",\"value\":\"123\"}"
        ","
        "{\"action\":\"UpdateIfExists\",\"field\":\"$.customFields.none_text\",\"value\":\"x\"},"
        "{\"action\":\"UpdateIfEmpty\",\"field\":\"$.firstName\",\"value\":\"Bob\"},"
        "{\"action\":\"AppendToCollection\",\"field\":\"$.tags\",\"value\":\"vip\"},"
        "{\"action\":\"Remove\",\"field\":\"$.lastName\"}]}",
        200);
    const cJSON *fields = cJSON_GetObjectItem(contact, "customFields");

    assert_string_equal(client_text(fields, "currentStep_text"), "payment");
    assert_string_equal(client_text(fields, "account_text"), "123");
    assert_null(cJSON_GetObjectItem(fields, "none_text"));
    assert_string_equal(client_text(contact, "firstName"), "Ada");
    assert_null(cJSON_GetObjectItem(contact, "lastName"));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(contact, "tags")), 1);
    cJSON_Delete(contact);
    contact = sim_call(*state, "PATCH", CONTACT,
                       "{\"changes\":[{\"action\":\"RemoveFromCollection\",\"field\":\"$.tags\","
                       "\"value\":\"vip\"}]}",
                       200);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(contact, "tags")), 0);
    cJSON_Delete(contact);
}

static void changes_that_cannot_be_are_refused(void **state)
{
    cJSON_Delete(
        sim_call(*state, "PATCH", CONTACT,
                 "{\"changes\":[{\"action\":\"Update\",\"field\":\"$.customFields\",\"value\":{}},"
                 "{\"action\":\"Update\",\"field\":\"$.customFields.a\",\"value\":\"x\"}]}",
                 409));
    cJSON_Delete(sim_call(*state, "PATCH", CONTACT,
                          "{\"changes\":[{\"action\":\"Set\",\"field\":\"$.a\",\"value\":1}]}",
                          400));
    cJSON_Delete(sim_call(*state, "PATCH", CONTACT,
                          "{\"changes\":[{\"action\":\"Update\",\"field\":\"a\",\"value\":1}]}",
                          400));
    cJSON_Delete(sim_call(*state, "PATCH", CONTACT, "{}", 400));
    cJSON_Delete(sim_call(*state, "PUT", CONTACT, "{\"customFields\":{\"a\":1}}", 400));
}

static void a_put_of_a_contact_erases(void **state)
{
    cJSON *contact = sim_call(*state, "PUT", CONTACT,
                              "{\"firstName\":\"Ada\",\"schema\":{\"id\":\"schema-1\"},"
                              "\"customFields\":{\"a\":\"b\"}}",
                              200);

    assert_null(cJSON_GetObjectItem(contact, "lastName"));
    assert_null(
        cJSON_GetObjectItem(cJSON_GetObjectItem(contact, "customFields"), "currentStep_text"));
    assert_string_equal(client_text(contact, "type"), "Ephemeral");
    cJSON_Delete(contact);
}

static void the_guides_profile_is_joined_field_by_field(void **state)
{
    cJSON *profile;
    const cJSON *fields;

    cJSON_Delete(sim_call(*state, "GET", PROFILE, NULL, 404));
    cJSON_Delete(sim_call(*state, "POST", PROFILE,
                          "{\"userProfile\":{\"fields\":["
                          "{\"id\":\"accountNumber\",\"value\":\"12345678\"},"
                          "{\"id\":\"currentStep\",\"value\":\"greeting\"}]}}",
                          200));
    cJSON_Delete(sim_call(*state, "POST", PROFILE,
                          "{\"userProfile\":{\"fields\":["
                          "{\"id\":\"currentStep\",\"value\":\"payment_collection\"}]}}",
                          200));
    profile = sim_call(*state, "GET", PROFILE, NULL, 200);
    fields = cJSON_GetObjectItem(cJSON_GetObjectItem(profile, "userProfile"), "fields");
    assert_int_equal(cJSON_GetArraySize(fields), 2);
    assert_string_equal(client_text(cJSON_GetArrayItem(fields, 1), "value"), "payment_collection");
    cJSON_Delete(profile);
    cJSON_Delete(sim_call(*state, "POST", PROFILE, "{\"userProfile\":{}}", 400));
    cJSON_Delete(sim_call(*state, "PUT", PROFILE, "{}", 405));
}

#define SIM_TEST(test) cmocka_unit_test_setup_teardown(test, sim_setup, sim_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_taken_at_once_and_show_later),
        SIM_TEST(attributes_that_cannot_be_are_refused),
        SIM_TEST(a_new_conversation_is_made_by_hand),
        SIM_TEST(a_contact_is_changed_field_by_field),
        SIM_TEST(changes_that_cannot_be_are_refused),
        SIM_TEST(a_put_of_a_contact_erases),
        SIM_TEST(the_guides_profile_is_joined_field_by_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
