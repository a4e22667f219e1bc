#include "tests/lab/sim/resource/stock.h"

#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/sim/resource/catalog.h"

#include <stdlib.h>
#include <string.h>

struct stock_row {
    const struct kind *kind;
    const char *parent;
    const char *id;
    const char *json; /* with ' for the quotation mark */
};

#define HOME                                       \
    "'division':{'id':'division-1','name':'Home'," \
    "'selfUri':'/api/v2/authorization/divisions/division-1'}"
#define USER "{'id':'user-1','version':1,'selfUri':'/api/v2/users/user-1'}"
#define PRIMARY "{'id':'PRIMARY_FLOW_ID'}"
#define STANDBY "{'id':'STANDBY_FLOW_ID'}"
#define OTHER "{'id':'OTHER_FLOW_ID'}"

#define FLOW_OF(NAME, DESCRIPTION)                                                               \
    "{'name':'" NAME "','description':'" DESCRIPTION "'," HOME ",'type':'INBOUNDCALL',"          \
    "'active':true,'system':false,'deleted':false,"                                              \
    "'publishedVersion':{'id':'27.0','name':'27.0','commitVersion':'27','configurationVersion':" \
    "'1','type':'PUBLISH','secure':false,'debug':false,'datePublished':"                         \
    "'2026-01-12T08:00:00.000Z'},"                                                               \
    "'supportedLanguages':[{'language':'en-us','isDefault':true},{'language':'de-de',"           \
    "'isDefault':false}],"                                                                       \
    "'inputSchema':{'type':'object','properties':{'Flow.accountNumber':{'type':'string'}}},"     \
    "'outputSchema':{'type':'object','properties':{'Flow.outcome':{'type':'string'}}},"          \
    "'currentOperation':{'id':'operation-1','complete':true,'actionName':'PUBLISH',"             \
    "'actionStatus':'SUCCESS'},"                                                                 \
    "'virtualAgentEnabled':false}"

#define IVR_OF(NAME, DNIS, FLOW)                                                             \
    "{'name':'" NAME "','description':'the number on the web site'," HOME                    \
    ",'state':'active','dnis':['" DNIS "'],'openHoursFlow':" FLOW ",'closedHoursFlow':" FLOW \
    ",'holidayHoursFlow':{'id':'HOLIDAY_FLOW_ID'},"                                          \
    "'scheduleGroup':{'id':'schedule-group-1','name':'Office hours'},'createdBy':'user-1',"  \
    "'modifiedBy':'user-1'}"

#define GROUP_OF(NAME, FLOW, IVRS)                                                   \
    "{'name':'" NAME "','description':'flipped when the bot is ill'," HOME           \
    ",'state':'active','enabled':false,'emergencyCallFlows':[{'emergencyFlow':" FLOW \
    ",'ivrs':[" IVRS "]}],'createdBy':'user-1','modifiedBy':'user-1'}"

#define RECIPIENT_OF(NAME, TYPE, FLOW)                                                \
    "{'name':'" NAME "','messengerType':'" TYPE "','flow':" FLOW ",'createdBy':" USER \
    ",'modifiedBy':" USER "}"

#define DEPLOYMENT_OF(NAME, FLOW)                                                           \
    "{'name':'" NAME "','description':'the messenger of the shop','allowAllDomains':false," \
    "'allowedDomains':['shop.example.com'],'status':'Active','flow':" FLOW                  \
    ",'configuration':{'id':'configuration-1','version':'3',"                               \
    "'selfUri':'/api/v2/webdeployments/configurations/configuration-1'},"                   \
    "'pushIntegrations':[],'snippet':'<script></script>',"                                  \
    "'lastModifiedUser':{'id':'user-1','selfUri':'/api/v2/users/user-1'}}"

#define ROUTE_OF(PATTERN, WAY)                                                  \
    "{'name':'" PATTERN "','pattern':'" PATTERN "','fromName':'Support',"       \
    "'fromEmail':'" PATTERN "@example.com','priority':1,'status':'Active'," WAY \
    ",'historyInclusion':'Optional','autoBcc':[]}"

#define USES(ACTION, NAME)                                                                    \
    "{'resources':[{'id':'" ACTION "','name':'" NAME "','type':'DATAACTION','deleted':false," \
    "'updated':false,'stateUnknown':false},{'id':'table-1','name':'Dispatcher',"              \
    "'type':'DATATABLE','deleted':false,'updated':false,'stateUnknown':false}]}"

#define ACTION_OF(NAME, HOST)                                                            \
    "{'name':'" NAME "','category':'Accounts','integrationId':'integration-1','secure':" \
    "false,'version':1,'config':{'request':{'requestUrlTemplate':'https://" HOST         \
    "/accounts/${input.accountNumber}','requestType':'GET','headers':{}},"               \
    "'response':{'successTemplate':'${rawResult}'}}}"

#define COLUMN_KEY "'key':{'title':'Line','type':'string','$id':'/properties/key'}"

static const struct stock_row rows[] = {
    {&kind_flow, "", "PRIMARY_FLOW_ID", FLOW_OF("Support bot", "env:primary")},
    {&kind_flow, "", "STANDBY_FLOW_ID", FLOW_OF("Support bot, standby", "env:standby")},
    {&kind_flow, "", "HOLD_FLOW_ID", FLOW_OF("Please hold", "holds new conversations")},
    {&kind_flow, "", "HOLIDAY_FLOW_ID", FLOW_OF("Closed for the holidays", "says so")},
    {&kind_flow, "", "OTHER_FLOW_ID", FLOW_OF("Sales bot", "nothing to do with support")},

    {&kind_dependency, "", "PRIMARY_FLOW_ID", USES("action-primary", "Look up an account")},
    {&kind_dependency, "", "STANDBY_FLOW_ID",
     USES("action-standby", "Look up an account, replica")},

    {&kind_action, "", "action-primary", ACTION_OF("Look up an account", "accounts.example.com")},
    {&kind_action, "", "action-standby",
     ACTION_OF("Look up an account, replica", "replica.example.net")},

    {&kind_ivr, "", "ivr-1", IVR_OF("Support line", "+4930111", PRIMARY)},
    {&kind_ivr, "", "ivr-2", IVR_OF("Support line, toll free", "+49800111", PRIMARY)},
    {&kind_ivr, "", "ivr-3", IVR_OF("Claims line", "+4930333", PRIMARY)},
    {&kind_ivr, "", "ivr-4", IVR_OF("Claims line, toll free", "+49800333", PRIMARY)},
    {&kind_ivr, "", "ivr-5", IVR_OF("Sales line", "+4930555", OTHER)},

    {&kind_emergency_group, "", "group-1",
     GROUP_OF("Claims emergency", STANDBY, "{'id':'ivr-3'},{'id':'ivr-4'}")},
    {&kind_emergency_group, "", "group-2", GROUP_OF("Sales emergency", PRIMARY, "{'id':'ivr-5'}")},

    {&kind_datatable, "", "table-1",
     "{'name':'Dispatcher','description':'which flow answers which line'," HOME
     ",'schema':{'$schema':'http://json-schema.org/draft-04/schema#','title':'Dispatcher',"
     "'type':'object','required':['key'],'additionalProperties':false,'properties':{" COLUMN_KEY
     ",'activeFlow':{'title':'activeFlow','type':'string'},"
     "'mode':{'title':'mode','type':'string','default':'normal'},"
     "'note':{'title':'note','type':'string'},"
     "'priority':{'title':'priority','type':'integer'},"
     "'recorded':{'title':'recorded','type':'boolean','default':false}}}}"},
    {&kind_datatable_row, "table-1", "support line",
     "{'activeFlow':'PRIMARY_FLOW_ID','mode':'normal','note':'24 hours','priority':10,"
     "'recorded':true}"},
    {&kind_datatable_row, "table-1", "claims line",
     "{'activeFlow':'PRIMARY_FLOW_ID','mode':'normal','note':'','priority':20,'recorded':true}"},
    {&kind_datatable_row, "table-1", "sales line",
     "{'activeFlow':'OTHER_FLOW_ID','mode':'normal','note':'','priority':30,'recorded':false}"},
    {&kind_datatable, "", "table-2",
     "{'name':'Opening hours','description':''," HOME
     ",'schema':{'$schema':'http://json-schema.org/draft-04/schema#','title':'Opening hours',"
     "'type':'object','required':['key'],'additionalProperties':false,'properties':{" COLUMN_KEY
     ",'opens':{'title':'opens','type':'string'}}}}"},
    {&kind_datatable_row, "table-2", "monday", "{'opens':'08:00'}"},

    {&kind_message_recipient, "", "recipient-1", RECIPIENT_OF("+49151111", "sms", PRIMARY)},
    {&kind_message_recipient, "", "recipient-2", RECIPIENT_OF("Shop", "whatsapp", PRIMARY)},
    {&kind_message_recipient, "", "recipient-3", RECIPIENT_OF("Forum", "open", OTHER)},

    {&kind_web_deployment, "", "deployment-1", DEPLOYMENT_OF("Shop messenger", PRIMARY)},
    {&kind_web_deployment, "", "deployment-2", DEPLOYMENT_OF("Help pages", PRIMARY)},
    {&kind_web_deployment, "", "deployment-3", DEPLOYMENT_OF("Sales pages", OTHER)},

    {&kind_email_domain, "", "example.com",
     "{'name':'example.com','mxRecordStatus':'VALID','subDomain':false}"},
    {&kind_email_route, "example.com", "route-1", ROUTE_OF("support", "'flow':" PRIMARY)},
    {&kind_email_route, "example.com", "route-2", ROUTE_OF("help", "'flow':" PRIMARY)},
    {&kind_email_route, "example.com", "route-3",
     ROUTE_OF("sales", "'queue':{'id':'queue-2','name':'Sales'}")},
    {&kind_email_domain, "", "example.org",
     "{'name':'example.org','mxRecordStatus':'VALID','subDomain':false}"},

    {&kind_queue, "", "queue-1",
     "{'name':'Support'," HOME ",'memberCount':12,'queueFlow':{'id':'OTHER_FLOW_ID'},"
     "'messageInQueueFlow':{'id':'PRIMARY_FLOW_ID'}}"},
    {&kind_queue, "", "queue-2", "{'name':'Sales'," HOME ",'memberCount':3}"},

    {&kind_conversation, "", "conversation-1",
     "{'startTime':'2026-01-12T08:00:00.000Z','participants':["
     "{'id':'participant-1','purpose':'customer','address':'tel:+4915100000','attributes':{}},"
     "{'id':'participant-2','purpose':'botflow','attributes':{}}]}"},

    {&kind_contact, "", "contact-1",
     "{'firstName':'Ada','lastName':'Example','type':'Ephemeral',"
     "'schema':{'id':'schema-1','name':'Support','version':1,'jsonSchema':{'type':'object',"
     "'properties':{'currentStep_text':{'type':'string'}}}},"
     "'customFields':{'currentStep_text':'greeting'}}"},
};

static cJSON *row_parse(const char *json)
{
    char *text = strdup(json);
    cJSON *parsed;

    if (text == NULL)
        return NULL;
    for (char *place = text; *place != '\0'; place++) {
        if (*place == '\'')
            *place = '"';
    }
    parsed = cJSON_Parse(text);
    free(text);
    return parsed;
}

static bool kind_owns(const struct kind *kind, const char *field)
{
    const char *const *owned = kind->owned;

    while (owned != NULL && *owned != NULL && strcmp(*owned, field) != 0)
        owned++;
    return owned != NULL && *owned != NULL;
}

void stock_mark(struct document *document, time_ms wall_ms)
{
    const char *id_field = document->kind->id_field;
    char uri[CATALOG_URI_BYTES] = "";
    char date[32] = "";

    catalog_date(wall_ms, date, sizeof(date));
    (void)cJSON_AddStringToObject(document->json, id_field != NULL ? id_field : "id", document->id);
    if (id_field == NULL) {
        catalog_uri(document, uri, sizeof(uri));
        (void)cJSON_AddStringToObject(document->json, "selfUri", uri);
    }
    if (kind_owns(document->kind, "dateCreated")) {
        (void)cJSON_AddStringToObject(document->json, "dateCreated", date);
        (void)cJSON_AddStringToObject(document->json, "dateModified", date);
    }
}

int stock_fill(struct catalog *catalog, time_ms wall_ms)
{
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct stock_row *row = &rows[i];
        cJSON *json = row_parse(row->json);
        int result;

        if (json == NULL)
            return ERR_INTERNAL;
        result = catalog_add(catalog, row->kind, row->parent, row->id, json);
        if (result != 0)
            return result;
        stock_mark(catalog->documents[catalog->count - 1], wall_ms);
        document_complete(catalog->documents[catalog->count - 1], catalog);
    }
    return 0;
}
