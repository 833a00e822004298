"""Bodies of operations in the shapes of Microsoft's pages: (path, body), by version."""

HEIDI = {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f", "displayName": "Heidi Steen"}}
AAD = {"user": {"id": "278405a3-f568-4b3e-b684-009193463064", "identityProvider": "AAD"}}
CONTEXT = {"clientContext": "d45324c1-fcb5-430a-902c-f20af696537c"}
GRAPH = "#microsoft.graph."
WAV = {
    "@odata.type": f"{GRAPH}mediaPrompt",
    "mediaInfo": {"@odata.type": f"{GRAPH}mediaInfo", "uri": "https://cdn.contoso.com/beep.wav", "resourceId": "1D6D"},
}


def invited(identity, **more):
    typed = {"@odata.type": f"{GRAPH}identitySet"}
    return {"@odata.type": f"{GRAPH}invitationParticipantInfo", "identity": typed | identity, **more}


def phone(number="+14255550100"):
    return {"phone": {"@odata.type": f"{GRAPH}identity", "id": number}}


APP_HOSTED = {"@odata.type": f"{GRAPH}appHostedMediaConfig", "blob": "<Media Session Configuration>"}
INCOMING_V1 = [
    (
        "answer",
        {
            "callbackUri": "callbackUri-value",
            "mediaConfig": {
                "@odata.type": f"{GRAPH}appHostedMediaConfig",
                "blob": "<Media Session Configuration Blob>",
            },
            "acceptedModalities": ["audio"],
            "callOptions": {"@odata.type": f"{GRAPH}incomingCallOptions", "isContentSharingNotificationEnabled": True},
            "participantCapacity": 200,
        },
    ),
    (
        "answer",
        {
            "callbackUri": "https://bot.contoso.com/api/calls",
            "acceptedModalities": ["audio"],
            "mediaConfig": {
                "@odata.type": f"{GRAPH}serviceHostedMediaConfig",
                "preFetchMedia": [{"uri": "https://cdn.contoso.com/beep.wav", "resourceId": "1D6D"}],
            },
        },
    ),
    ("reject", {"reason": "none"}),
    ("reject", {"reason": "Busy", "callbackUri": "https://bot.contoso.com/api/calls/24701998"}),
    ("redirect", {"targets": [invited(HEIDI)], "callbackUri": "https://bot.contoso.com/api/calls/24701998"}),
    ("redirect", {"targets": [invited(phone())], "timeout": 60}),
    ("redirect", {"targets": [invited(HEIDI), invited(HEIDI)], "routingPolicies": ["disableForwarding"]}),
]
INCOMING_BETA_2018 = [
    (
        "answer",
        {
            "callbackUri": "callbackUri-value",
            "acceptedModalities": ["audio"],
            "mediaConfig": INCOMING_V1[0][1]["mediaConfig"],
        },
    ),
    (
        "answer",
        {
            "callback": "https://bot.contoso.com/api/calls",
            "acceptModalities": ["audio", "video"],
            "mediaConfig": INCOMING_V1[1][1]["mediaConfig"],
        },
    ),
    ("reject", {"reason": "reason-value"}),
    (
        "redirect",
        {
            "targets": [{"identity": HEIDI, "languageId": "languageId-value", "region": "region-value"}],
            "targetDisposition": "default",
            "timeout": 99,
            "maskCallee": False,
            "maskCaller": False,
        },
    ),
    ("redirect", {"targets": [HEIDI], "targetDisposition": "forward", "timeout": "60", "maskCallee": False}),
]
TRANSFERS_V1 = [
    {"transferTarget": {"endpointType": "default", "identity": HEIDI}},
    {"transferTarget": invited(HEIDI, endpointType="default", replacesCallId="e5d39592-99bd-4db8-bca8-30fb894ec51d")},
    {"transferTarget": {"endpointType": "default", "identity": phone(), "languageId": "languageId-value"}, **CONTEXT},
    {"transferTarget": invited(HEIDI), "transferee": {"@odata.type": f"{GRAPH}participantInfo", "identity": HEIDI}},
]
TRANSFERS_BETA_2018 = [
    {"transferTarget": {"endpointType": "default", "identity": HEIDI, "replacesCallId": "e5d3"}, **CONTEXT},
    {"target": {"identity": HEIDI}, "operationContext": "transfer operation context", **CONTEXT},
]
RECORDING_BETA_2018 = {
    "bargeInAllowed": True,
    "prompts": [
        {"@odata.type": f"{GRAPH}silencePrompt", "duration": 5000},
        {**WAV, "mediaInfo": {"url": "https://cdn.contoso.com/beep.wav", "id": "1D6D"}, "loop": 5},
    ],
    "maxRecordDurationInSeconds": 1800,
    "initialSilenceTimeoutInSeconds": 10,
    "maxSilenceTimeoutInSeconds": 2,
    "recordingFormat": "wav",
    "playBeep": True,
    "streamWhileRecording": True,
    "stopTones": ["#", "11", "*"],
    **CONTEXT,
}
RECORDING_V1 = {
    "bargeInAllowed": True,
    "prompts": [WAV],
    "maxRecordDurationInSeconds": 10,
    "initialSilenceTimeoutInSeconds": 5,
    "maxSilenceTimeoutInSeconds": 2,
    "playBeep": True,
    "stopTones": ["#", "1", "*"],
    **CONTEXT,
}
PROMPTS_BETA = [
    {"@odata.type": f"{GRAPH}silencePrompt", "duration": 5000},
    {"@odata.type": f"{GRAPH}textPrompt", "text": "Hello", "culture": "enUs", "voiceGender": "female"},
    {"@odata.type": f"{GRAPH}dtmfPrompt", "digits": "12,3#"},
    {**WAV, "loop": 2},
]
ONE_TO_ONE = {"id": "oneToOne", "routingMode": "oneToOne", "sources": ["6328"], "receivers": ["550f"]}
DETECTION = {
    "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    "detectionDateTime": "2026-03-13T21:00:00Z",
    "severity": "high",
    "overallConfidence": 0.92,
    "isMalicious": True,
    "contentMetadata": {"modality": "audio", "isRealTime": True, "audioMetadata": {"sampleRateHz": 16000}},
    "detections": [{"modelName": "Detector", "modality": "audio", "segment": {"endTimeSec": 15}, "confidence": 0.95}],
}
TALKING = [
    ("playPrompt", {"prompts": [WAV], **CONTEXT}),
    ("cancelMediaProcessing", CONTEXT),
    ("subscribeToTone", CONTEXT),
    ("sendDtmfTones", {"tones": ["tone1", "pound"], "delayBetweenTonesMs": 1000, **CONTEXT}),
    ("mute", CONTEXT),
    ("unmute", CONTEXT),
    ("keepAlive", None),
    ("changeScreenSharingRole", {"role": "viewer"}),
    ("updateRecordingStatus", {"status": "notRecording | recording | failed", **CONTEXT}),
    ("addLargeGalleryView", CONTEXT),
    ("recordResponse", RECORDING_V1),
    (
        "participants/invite",
        {
            "participants": [invited({"user": {"id": "2784", "identityProvider": "AAD"}}, replacesCallId="a7eb")],
            **CONTEXT,
        },
    ),
    ("participants/invite", {"participants": [invited(HEIDI), invited(phone())], **CONTEXT}),
    ("participants/{participant}/mute", CONTEXT),
    ("participants/{participant}/startHoldMusic", {"customPrompt": WAV, **CONTEXT}),
    ("participants/{participant}/stopHoldMusic", CONTEXT),
    ("audioRoutingGroups", ONE_TO_ONE),
    (
        "audioRoutingGroups",
        {**ONE_TO_ONE, "id": "multicast", "routingMode": "multicast", "receivers": ["550f", "72f9"]},
    ),
]
RECORDING_AND_TRANSCRIPTION = [
    ("microsoft.graph.StartRecording", None),
    ("microsoft.graph.StopRecording", None),
    ("microsoft.graph.StartTranscription", {"language": "en-us"}),
    ("microsoft.graph.StopTranscription", {"language": "en-us"}),
    ("startRecording", CONTEXT),
    ("startTranscription", {"language": "en-us", **CONTEXT}),
]
ESTABLISHED_V1 = [*TALKING, *(("transfer", body) for body in TRANSFERS_V1)]
ESTABLISHED_BETA = [
    *ESTABLISHED_V1,
    ("playPrompt", {"prompts": PROMPTS_BETA, **CONTEXT}),
    ("record", RECORDING_V1),
    ("participants/muteAll", {"participants": [], **CONTEXT}),
    (
        "participants/configureMixer",
        {"participantMixerLevels": [{"participant": "550f", "exclusive": True}], **CONTEXT},
    ),
    *RECORDING_AND_TRANSCRIPTION,
    ("participants/{participant}/reportSyntheticMedia", DETECTION),
]
ESTABLISHED_BETA_2018 = [
    *TALKING,
    ("playPrompt", {"prompts": PROMPTS_BETA, **CONTEXT}),
    ("record", RECORDING_BETA_2018),
    ("cancelMediaProcessing", {"all": True, **CONTEXT}),
    ("updateMetadata", {"metadata": "metadata-value", **CONTEXT}),
    ("participants/muteAll", {"participants": [], **CONTEXT}),
    ("participants/mute", {"participants": [], **CONTEXT}),
    *RECORDING_AND_TRANSCRIPTION,
    *(("transfer", body) for body in TRANSFERS_BETA_2018),
]
