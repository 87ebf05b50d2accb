/** Kafka's error codes, as far as the simulated cluster gives them. */
export const ERROR = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  offsetMetadataTooLarge: 12,
  notCoordinator: 16,
  illegalGeneration: 22,
  inconsistentProtocol: 23,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  topicAuthorizationFailed: 29,
  fencedMemberEpoch: 110,
  staleMemberEpoch: 113,
} as const;
