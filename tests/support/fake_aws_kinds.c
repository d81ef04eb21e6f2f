/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The world of the fake as three tables: what there is, how it is listed, how a detail of it is
 * told. A new service is a row in each. Texts are templates:
 *
 *     '            stands for "
 *     <id> <arn>   of the thing itself          <n>  its number, <#> 17 hex digits that hold it
 *     <A> <R> <P>  account, region, partition   <z>  the letter of its zone, <ip> an address
 *     <x> <x6>     hex digits by chance, <##> as <#> in capitals
 *     <t>          a time                       <name> a name, <tags> the usual list of tags
 *     <@vpc>       the id of a thing of that kind, <@@vpc> its ARN, the same for the same number
 *     <a|b>        one of these, by chance of the seed
 *     <?vpc{x}{y}> x when its number is below how many of that kind there are, else y
 *     <:a|b>       its state: what an action made of it, else one of these
 *
 * @source the AWS API references of each operation, for names and required members
 */

#include "tests/support/fake_aws_world.h"

#define EC2 "arn:<P>:ec2:<R>:<A>:"
#define RDS "arn:<P>:rds:<R>:<A>:"
#define KEY "arn:<P>:kms:<R>:<A>:key/0fa0e0aa-0000-4000-8000-00000000cafe"
#define ELB "arn:<P>:elasticloadbalancing:<R>:<A>:"

const struct fake_kind fake_kinds[] = {
    {.name = "vpc", .id = "vpc-<#>", .arn = EC2 "vpc/<id>", .weight = 5},
    {.name = "subnet", .id = "subnet-<#>", .arn = EC2 "subnet/<id>", .weight = 15},
    {.name = "security_group", .id = "sg-<#>", .arn = EC2 "security-group/<id>", .weight = 40},
    {.name = "ec2_instance", .id = "i-<#>", .arn = EC2 "instance/<id>", .weight = 150},
    {.name = "ebs_volume", .id = "vol-<#>", .arn = EC2 "volume/<id>", .weight = 170},
    {.name = "ebs_snapshot", .id = "snap-<#>", .arn = EC2 "snapshot/<id>", .weight = 110},
    {.name = "ami", .id = "ami-<#>", .arn = EC2 "image/<id>", .weight = 15},
    {.name = "elastic_ip", .id = "eipalloc-<#>", .arn = EC2 "elastic-ip/<id>", .weight = 10},
    {.name = "nat_gateway", .id = "nat-<#>", .arn = EC2 "natgateway/<id>", .weight = 5},
    {.name = "route_table", .id = "rtb-<#>", .arn = EC2 "route-table/<id>", .weight = 15},
    {.name = "internet_gateway", .id = "igw-<#>", .arn = EC2 "internet-gateway/<id>", .weight = 5},
    {.name = "network_interface",
     .id = "eni-<#>",
     .arn = EC2 "network-interface/<id>",
     .weight = 150},
    {.name = "rds_instance", .id = "db-<n>", .arn = RDS "db:<id>", .weight = 30},
    {.name = "rds_cluster", .id = "cluster-<n>", .arn = RDS "cluster:<id>", .weight = 8},
    {.name = "rds_snapshot", .id = "dbsnap-<n>", .arn = RDS "snapshot:<id>", .weight = 40},
    {.name = "rds_cluster_snapshot",
     .id = "clsnap-<n>",
     .arn = RDS "cluster-snapshot:<id>",
     .weight = 8},
    {.name = "s3_bucket",
     .id = "bucket-<A>-no-<n>",
     .arn = "arn:<P>:s3:::<id>",
     .tag_filter = "s3",
     .weight = 20,
     .is_global = true},
    {.name = "lambda_function",
     .id = "fn-<n>",
     .arn = "arn:<P>:lambda:<R>:<A>:function:<id>",
     .tag_filter = "lambda:function",
     .weight = 40},
    {.name = "lambda_alias",
     .id = "live-<n>",
     .arn = "arn:<P>:lambda:<R>:<A>:function:<@lambda_function>:<id>",
     .weight = 8},
    {.name = "lambda_layer",
     .id = "layer-<n>",
     .arn = "arn:<P>:lambda:<R>:<A>:layer:<id>",
     .weight = 8},
    {.name = "load_balancer",
     .id = "lb-<n>",
     .arn = ELB "loadbalancer/app/<id>/<x>",
     .tag_filter = "elasticloadbalancing:loadbalancer",
     .weight = 15},
    {.name = "target_group", .id = "tg-<n>", .arn = ELB "targetgroup/<id>/<x>", .weight = 20},
    {.name = "classic_load_balancer",
     .id = "classic-<n>",
     .arn = ELB "loadbalancer/<id>",
     .tag_filter = "elasticloadbalancing:loadbalancer",
     .weight = 5},
    {.name = "auto_scaling_group",
     .id = "asg-<n>",
     .arn = "arn:<P>:autoscaling:<R>:<A>:autoScalingGroup:<x>:autoScalingGroupName/<id>",
     .weight = 10},
    {.name = "ecs_cluster",
     .id = "ecs-<n>",
     .arn = "arn:<P>:ecs:<R>:<A>:cluster/<id>",
     .weight = 5},
    {.name = "ecs_service",
     .id = "svc-<n>",
     .arn = "arn:<P>:ecs:<R>:<A>:service/<@ecs_cluster>/<id>",
     .weight = 12},
    {.name = "eks_cluster",
     .id = "eks-<n>",
     .arn = "arn:<P>:eks:<R>:<A>:cluster/<id>",
     .weight = 3},
    {.name = "eks_node_group",
     .id = "nodes-<n>",
     .arn = "arn:<P>:eks:<R>:<A>:nodegroup/<@eks_cluster>/<id>/<x>",
     .weight = 5},
    {.name = "dynamodb_table",
     .id = "table-<n>",
     .arn = "arn:<P>:dynamodb:<R>:<A>:table/<id>",
     .tag_filter = "dynamodb:table",
     .weight = 15},
    {.name = "elasticache_cluster",
     .id = "cache-<n>",
     .arn = "arn:<P>:elasticache:<R>:<A>:cluster:<id>",
     .tag_filter = "elasticache:cluster",
     .weight = 8},
    {.name = "elasticache_replication_group",
     .id = "redis-<n>",
     .arn = "arn:<P>:elasticache:<R>:<A>:replicationgroup:<id>",
     .tag_filter = "elasticache:replicationgroup",
     .weight = 4},
    {.name = "sqs_queue",
     .id = "queue-<n>",
     .arn = "arn:<P>:sqs:<R>:<A>:<id>",
     .tag_filter = "sqs",
     .weight = 15},
    {.name = "sns_topic",
     .id = "topic-<n>",
     .arn = "arn:<P>:sns:<R>:<A>:<id>",
     .tag_filter = "sns",
     .weight = 10},
    {.name = "cloudwatch_alarm",
     .id = "alarm-<n>",
     .arn = "arn:<P>:cloudwatch:<R>:<A>:alarm:<id>",
     .tag_filter = "cloudwatch:alarm",
     .weight = 20},
    {.name = "secret",
     .id = "secret-<n>",
     .arn = "arn:<P>:secretsmanager:<R>:<A>:secret:<id>-<x6>",
     .weight = 12},
    {.name = "hosted_zone",
     .id = "Z<##>",
     .arn = "arn:<P>:route53:::hostedzone/<id>",
     .tag_filter = "route53:hostedzone",
     .weight = 4,
     .is_global = true},
    {.name = "cloudfront_distribution",
     .id = "E<##>",
     .arn = "arn:<P>:cloudfront::<A>:distribution/<id>",
     .tag_filter = "cloudfront:distribution",
     .weight = 3,
     .is_global = true},
    {.name = "iam_role",
     .id = "role-<n>",
     .arn = "arn:<P>:iam::<A>:role/<id>",
     .weight = 12,
     .is_global = true},
    {.name = "iam_user",
     .id = "user-<n>",
     .arn = "arn:<P>:iam::<A>:user/<id>",
     .weight = 6,
     .is_global = true},
    {.name = "iam_instance_profile",
     .id = "profile-<n>",
     .arn = "arn:<P>:iam::<A>:instance-profile/<id>",
     .weight = 5,
     .is_global = true},
    /* Not resources, but listed all the same. */
    {.name = "record",
     .id = "name-<n>",
     .arn = "",
     .weight = 12,
     .is_global = true,
     .is_aside = true},
    {.name = "event_source", .id = "source-<n>", .arn = "", .weight = 8, .is_aside = true},
    {.name = "subscription",
     .id = "sub-<n>",
     .arn = "arn:<P>:sns:<R>:<A>:<@sns_topic>:<id>",
     .weight = 10,
     .is_aside = true},
    {.name = "event", .id = "event-<n>", .arn = "", .weight = 20, .is_aside = true},
};
const size_t fake_kind_count = ESC_COUNT(fake_kinds);

#define NAMED_GROUP "[{'GroupId':'<@security_group>','GroupName':'group'}]"
#define ZONE "'AvailabilityZone':'<R><z>'"

const struct fake_list fake_lists[] = {
    {"ec2", "DescribeVpcs", "vpc", "Vpcs", "VpcId",
     .item =
         "{'VpcId':'<id>','OwnerId':'<A>','CidrBlock':'10.0.0.0/16','State':'available',"
         "'IsDefault':false,'DhcpOptionsId':'dopt-1','InstanceTenancy':'default','Tags':<tags>}"},
    {"ec2", "DescribeSubnets", "subnet", "Subnets", "SubnetId",
     .item = "{'SubnetId':'<id>','SubnetArn':'<arn>','VpcId':'<@vpc>','OwnerId':'<A>','State':'"
             "available',"
             "'CidrBlock':'10.0.1.0/24'," ZONE ",'AvailableIpAddressCount':251,"
             "'MapPublicIpOnLaunch':<true|false>,'Tags':<tags>}"},
    {"ec2", "DescribeSecurityGroups", "security_group", "SecurityGroups", "GroupId",
     .item = "{'GroupId':'<id>','GroupName':'group-<n>','Description':'of <name>','OwnerId':'<A>',"
             "'VpcId':'<@vpc>','IpPermissions':[{'IpProtocol':'tcp','FromPort':443,'ToPort':443,"
             "'IpRanges':[{'CidrIp':'<0.0.0.0/0|10.0.0.0/8>'}],'Ipv6Ranges':[],'PrefixListIds':[],"
             "'UserIdGroupPairs':[]}],'IpPermissionsEgress':[],'Tags':<tags>}"},
    {"ec2", "DescribeInstances", "ec2_instance", "Reservations", "InstanceId",
     .item =
         "{'InstanceId':'<id>','ImageId':'<@ami>','State':{'Code':16,'Name':'<:running|stopped>'},"
         "'InstanceType':'<t3.micro|m5.large|c6g.xlarge>','LaunchTime':'<t>',"
         "'Placement':{" ZONE ",'Tenancy':'default'},'PrivateIpAddress':'<ip>','VpcId':'<@vpc>',"
         "'SubnetId':'<@subnet>','RootDeviceType':'ebs','RootDeviceName':'/dev/xvda',"
         "'Architecture':'x86_64','PlatformDetails':'Linux/UNIX','EbsOptimized':<true|false>,"
         "'Monitoring':{'State':'disabled'},'MetadataOptions':{'HttpTokens':'required'},"
         "'IamInstanceProfile':{'Arn':'<@@iam_instance_profile>','Id':'AIPA<#>'},"
         "'SecurityGroups':" NAMED_GROUP ",'BlockDeviceMappings':[{'DeviceName':'/dev/xvda','Ebs':"
         "{'VolumeId':'<@ebs_volume>','Status':'attached','AttachTime':'<t>',"
         "'DeleteOnTermination':true}}],'Tags':<tags>}",
     .group = 2, .group_open = "{'ReservationId':'r-<#>','OwnerId':'<A>','Groups':[],'Instances':[",
     .group_close = "]}"},
    {"ec2", "DescribeVolumes", "ebs_volume", "Volumes", "VolumeId",
     .item = "{'VolumeId':'<id>','Size':<8|20|100>,'VolumeType':'<gp2|gp3|io1>','Iops':3000,"
             "<?subnet{'Encrypted':true,'KmsKeyId':'" KEY "'}{'Encrypted':false}>,"
             "'CreateTime':'<t>'," ZONE ",'SnapshotId':'',"
             "<?ec2_instance{'State':'in-use','Attachments':[{'InstanceId':'<@ec2_instance>',"
             "'VolumeId':'<id>','Device':'/dev/xvda','State':'attached','AttachTime':'<t>',"
             "'DeleteOnTermination':true}]}{'State':'available','Attachments':[]}>,'Tags':<tags>}"},
    {"ec2", "DescribeSnapshots", "ebs_snapshot", "Snapshots", "SnapshotId",
     .item = "{'SnapshotId':'<id>','VolumeId':'<@ebs_volume>','OwnerId':'<A>','State':'completed',"
             "'StartTime':'<t>','VolumeSize':20,'Encrypted':false,'Progress':'100%',"
             "'Description':'nightly <n> of <name>','StorageTier':'standard','Tags':<tags>}"},
    {"ec2", "DescribeImages", "ami", "Images", "ImageId",
     .item =
         "{'ImageId':'<id>','Name':'image-<n>','OwnerId':'<A>','State':'available','Public':false,"
         "'CreationDate':'2026-01-01T00:00:00.000Z','ImageType':'machine','Architecture':'x86_64',"
         "'RootDeviceType':'ebs','RootDeviceName':'/dev/xvda','VirtualizationType':'hvm',"
         "'BlockDeviceMappings':[{'DeviceName':'/dev/xvda','Ebs':{'SnapshotId':'<@ebs_snapshot>',"
         "'VolumeSize':20,'VolumeType':'gp3'}}],'Tags':<tags>}"},
    {"ec2", "DescribeAddresses", "elastic_ip", "Addresses", "AllocationId",
     .item = "{'AllocationId':'<id>','PublicIp':'198.51.100.<n>','Domain':'vpc',"
             "'InstanceId':'<@ec2_instance>','NetworkInterfaceId':'<@network_interface>','Tags':<"
             "tags>}"},
    {"ec2", "DescribeNatGateways", "nat_gateway", "NatGateways", "NatGatewayId",
     .item =
         "{'NatGatewayId':'<id>','State':'available','SubnetId':'<@subnet>','VpcId':'<@vpc>',"
         "'CreateTime':'<t>','ConnectivityType':'public','NatGatewayAddresses':[{'AllocationId':"
         "'<@elastic_ip>','NetworkInterfaceId':'<@network_interface>'}],'Tags':<tags>}"},
    {"ec2", "DescribeRouteTables", "route_table", "RouteTables", "RouteTableId",
     .item =
         "{'RouteTableId':'<id>','VpcId':'<@vpc>','OwnerId':'<A>','Associations':[{'Main':false,"
         "'RouteTableAssociationId':'rtbassoc-<#>','RouteTableId':'<id>','SubnetId':'<@subnet>'}],"
         "'Routes':[{'DestinationCidrBlock':'0.0.0.0/0','GatewayId':'<@internet_gateway>',"
         "'Origin':'CreateRoute','State':'active'}],'Tags':<tags>}"},
    {"ec2", "DescribeInternetGateways", "internet_gateway", "InternetGateways", "InternetGatewayId",
     .item = "{'InternetGatewayId':'<id>','OwnerId':'<A>','Attachments':[{'State':'available',"
             "'VpcId':'<@vpc>'}],'Tags':<tags>}"},
    {"ec2", "DescribeNetworkInterfaces", "network_interface", "NetworkInterfaces",
     "NetworkInterfaceId",
     .item =
         "{'NetworkInterfaceId':'<id>','OwnerId':'<A>','Status':'in-use','VpcId':'<@vpc>',"
         "'SubnetId':'<@subnet>'," ZONE ",'PrivateIpAddress':'<ip>','InterfaceType':'interface',"
         "'MacAddress':'0a:00:00:00:00:01','Description':'of <name>','SourceDestCheck':true,"
         "'Groups':" NAMED_GROUP ",'Attachment':{'InstanceId':'<@ec2_instance>','DeviceIndex':0,"
         "'Status':'attached','AttachmentId':'eni-attach-<#>','DeleteOnTermination':true},"
         "'TagSet':<tags>}"},
    {"rds", "DescribeDBInstances", "rds_instance", "DBInstances", "DBInstanceIdentifier",
     .item =
         "{'DBInstanceIdentifier':'<id>','DBInstanceArn':'<arn>','DBInstanceClass':'db.t3.medium',"
         "'Engine':'<postgres|mysql|mariadb>','EngineVersion':'14.7','AllocatedStorage':100,"
         "'DBInstanceStatus':'<:available|stopped>','InstanceCreateTime':'<t>','MultiAZ':<true|"
         "false>,"
         "'StorageEncrypted':true,'StorageType':'gp3','DeletionProtection':<true|false>,"
         "'BackupRetentionPeriod':7,'PubliclyAccessible':false," ZONE ",'DBParameterGroups':[],"
         "'DBSecurityGroups':[],'ReadReplicaDBInstanceIdentifiers':[],'Endpoint':{'Address':"
         "'<id>.example','Port':5432},'VpcSecurityGroups':[{'VpcSecurityGroupId':"
         "'<@security_group>','Status':'active'}],'DBSubnetGroup':{'DBSubnetGroupName':'group',"
         "'VpcId':'<@vpc>','Subnets':[{'SubnetIdentifier':'<@subnet>'}]},'TagList':<tags>}"},
    {"rds", "DescribeDBClusters", "rds_cluster", "DBClusters", "DBClusterIdentifier",
     .item = "{'DBClusterIdentifier':'<id>','DBClusterArn':'<arn>','Engine':'aurora-postgresql',"
             "'EngineMode':'provisioned','EngineVersion':'15.4','Status':'<:available|stopped>',"
             "'ClusterCreateTime':'<t>','MultiAZ':false,'DeletionProtection':true,'Port':5432,"
             "'BackupRetentionPeriod':7,'DBClusterMembers':[],'VpcSecurityGroups':[],'TagList':<"
             "tags>}"},
    {"rds", "DescribeDBSnapshots", "rds_snapshot", "DBSnapshots", "DBSnapshotIdentifier",
     .item =
         "{'DBSnapshotIdentifier':'<id>','DBSnapshotArn':'<arn>','DBInstanceIdentifier':"
         "'<@rds_instance>','Engine':'postgres','Status':'available','SnapshotType':'manual',"
         "'SnapshotCreateTime':'<t>','AllocatedStorage':100,'Encrypted':true,'TagList':<tags>}"},
    {"rds", "DescribeDBClusterSnapshots", "rds_cluster_snapshot", "DBClusterSnapshots",
     "DBClusterSnapshotIdentifier",
     .item =
         "{'DBClusterSnapshotIdentifier':'<id>','DBClusterSnapshotArn':'<arn>',"
         "'DBClusterIdentifier':'<@rds_cluster>','Engine':'aurora-postgresql','Status':'available',"
         "'SnapshotType':'manual','SnapshotCreateTime':'<t>','AllocatedStorage':1,'TagList':<tags>"
         "}"},
    {"s3", "ListBuckets", "s3_bucket", "Buckets", NULL,
     .item = "{'Name':'<id>','BucketRegion':'<R>','CreationDate':'<t>'}"},
    {"lambda", "ListFunctions", "lambda_function", "Functions", NULL,
     .item =
         "{'FunctionName':'<id>','FunctionArn':'<arn>','Runtime':'<python3.12|nodejs20.x>',"
         "'Role':'arn:<P>:iam::<A>:role/<@iam_role>','Handler':'main','CodeSize':1234,"
         "'Description':'does <name>','Timeout':3,'MemorySize':<128|512>,'Version':'$LATEST',"
         "'LastModified':'2026-03-01T09:12:00.000+0000','PackageType':'Zip','Architectures':"
         "['arm64'],'Environment':{'Variables':{'PASSWORD':'canary-of-<id>'}},'VpcConfig':{'VpcId':"
         "'<@vpc>','SubnetIds':['<@subnet>'],'SecurityGroupIds':['<@security_group>']},"
         "'Layers':[{'Arn':'<@@lambda_layer>:1','CodeSize':1}]}"},
    {"lambda", "ListAliases", "lambda_alias", "Aliases", NULL,
     .item = "{'AliasArn':'<arn>','Name':'<id>','FunctionVersion':'1','Description':''}",
     .parent_kind = "lambda_function", .parent = "FunctionName"},
    {"lambda", "ListLayers", "lambda_layer", "Layers", NULL,
     .item = "{'LayerName':'<id>','LayerArn':'<arn>','LatestMatchingVersion':{'LayerVersionArn':"
             "'<arn>:1','Version':1,'CreatedDate':'2026-03-01T09:12:00.000+0000',"
             "'CompatibleRuntimes':['python3.12']}}"},
    {"lambda", "ListEventSourceMappings", "event_source", "EventSourceMappings", NULL,
     .item = "{'UUID':'<x>','BatchSize':10,'EventSourceArn':'<@@sqs_queue>','FunctionArn':"
             "'<@@lambda_function>','State':'<Enabled|Disabled>'}"},
    {"elbv2", "DescribeLoadBalancers", "load_balancer", "LoadBalancers", NULL,
     .item =
         "{'LoadBalancerArn':'<arn>','LoadBalancerName':'<id>','DNSName':'<id>.example','Scheme':"
         "'internal','Type':'application','IpAddressType':'ipv4','VpcId':'<@vpc>','CreatedTime':'<"
         "t>',"
         "'State':{'Code':'active'},'SecurityGroups':['<@security_group>'],'AvailabilityZones':"
         "[{'ZoneName':'<R><z>','SubnetId':'<@subnet>','LoadBalancerAddresses':[]}]}"},
    {"elbv2", "DescribeTargetGroups", "target_group", "TargetGroups", NULL,
     .item =
         "{'TargetGroupArn':'<arn>','TargetGroupName':'<id>','Protocol':'HTTP','Port':80,'VpcId':"
         "'<@vpc>','TargetType':'instance','HealthCheckProtocol':'HTTP','HealthCheckPath':'/',"
         "'LoadBalancerArns':['<@@load_balancer>']}"},
    {"elb", "DescribeLoadBalancers", "classic_load_balancer", "LoadBalancerDescriptions", NULL,
     .item =
         "{'LoadBalancerName':'<id>','DNSName':'<id>.example','Scheme':'internal','VPCId':'<@vpc>',"
         "'CreatedTime':'<t>','Subnets':['<@subnet>'],'SecurityGroups':['<@security_group>'],"
         "'AvailabilityZones':['<R><z>'],'Instances':[{'InstanceId':'<@ec2_instance>'}],"
         "'ListenerDescriptions':[]}"},
    {"autoscaling", "DescribeAutoScalingGroups", "auto_scaling_group", "AutoScalingGroups", NULL,
     .item =
         "{'AutoScalingGroupName':'<id>','AutoScalingGroupARN':'<arn>','MinSize':1,'MaxSize':3,"
         "'DesiredCapacity':2,'DefaultCooldown':300,'AvailabilityZones':['<R><z>'],"
         "'LaunchConfigurationName':'lc','TargetGroupARNs':['<@@target_group>'],"
         "'HealthCheckType':'EC2','CreatedTime':'<t>','VPCZoneIdentifier':'<@subnet>','Instances':"
         "[{'InstanceId':'<@ec2_instance>'," ZONE ",'LifecycleState':'InService','HealthStatus':"
         "'Healthy','ProtectedFromScaleIn':false}],'Tags':[{'ResourceId':'<id>','ResourceType':"
         "'auto-scaling-group','Key':'environment','Value':'dev','PropagateAtLaunch':true}]}"},
    {"ecs", "ListClusters", "ecs_cluster", "clusterArns", NULL, .item = "'<arn>'"},
    {"ecs", "ListServices", "ecs_service", "serviceArns", NULL, .item = "'<arn>'",
     .parent_kind = "ecs_cluster", .parent = "cluster"},
    {"eks", "ListClusters", "eks_cluster", "clusters", NULL, .item = "'<id>'"},
    {"eks", "ListNodegroups", "eks_node_group", "nodegroups", NULL, .item = "'<id>'",
     .parent_kind = "eks_cluster", .parent = "clusterName"},
    {"dynamodb", "ListTables", "dynamodb_table", "TableNames", NULL, .item = "'<id>'"},
    {"elasticache", "DescribeCacheClusters", "elasticache_cluster", "CacheClusters", NULL,
     .item = "{'CacheClusterId':'<id>','ARN':'<arn>','Engine':'redis','EngineVersion':'7.0',"
             "'CacheNodeType':'cache.t3.micro','CacheClusterStatus':'available','NumCacheNodes':1,"
             "'CacheClusterCreateTime':'<t>','PreferredAvailabilityZone':'<R><z>'}"},
    {"elasticache", "DescribeReplicationGroups", "elasticache_replication_group",
     "ReplicationGroups", NULL,
     .item = "{'ReplicationGroupId':'<id>','ARN':'<arn>','Description':'of "
             "<name>','Status':'available',"
             "'MemberClusters':['<@elasticache_cluster>'],'AutomaticFailover':'disabled',"
             "'ClusterEnabled':false}"},
    {"sqs", "ListQueues", "sqs_queue", "QueueUrls", NULL,
     .item = "'https://sqs.<R>.example/<A>/<id>'"},
    {"sns", "ListTopics", "sns_topic", "Topics", NULL, .item = "{'TopicArn':'<arn>'}"},
    {"sns", "ListSubscriptions", "subscription", "Subscriptions", NULL,
     .item = "{'SubscriptionArn':'<arn>','Owner':'<A>','Protocol':'sqs',"
             "'Endpoint':'<@@sqs_queue>','TopicArn':'<@@sns_topic>'}"},
    {"cloudwatch", "DescribeAlarms", "cloudwatch_alarm", "MetricAlarms", NULL,
     .item = "{'AlarmName':'<id>','AlarmArn':'<arn>','StateValue':'<OK|ALARM>','MetricName':"
             "'CPUUtilization','Namespace':'AWS/EC2','Statistic':'Average','Period':300,"
             "'EvaluationPeriods':1,'Threshold':80.5,'ComparisonOperator':'GreaterThanThreshold',"
             "'ActionsEnabled':true,'OKActions':[],'AlarmActions':['<@@sns_topic>'],'Dimensions':"
             "[{'Name':'InstanceId','Value':'<@ec2_instance>'}]}"},
    {"secretsmanager", "ListSecrets", "secret", "SecretList", NULL,
     .item = "{'ARN':'<arn>','Name':'<id>','Description':'of <name>','LastChangedDate':'<t>',"
             "'CreatedDate':'<t>','Tags':<tags>}"},
    {"route53", "ListHostedZones", "hosted_zone", "HostedZones", NULL,
     .item = "{'Id':'/hostedzone/<id>','Name':'zone-<n>.example.','CallerReference':'<x>',"
             "'Config':{'PrivateZone':false},'ResourceRecordSetCount':5}"},
    {"route53", "ListResourceRecordSets", "record", "ResourceRecordSets", NULL,
     .item = "{'Name':'<id>.zone.example.','Type':'A','AliasTarget':{'HostedZoneId':'Z1',"
             "'DNSName':'dualstack.<@load_balancer>.example.','EvaluateTargetHealth':false}}",
     .parent_kind = "hosted_zone", .parent = "HostedZoneId"},
    {"cloudfront", "ListDistributions", "cloudfront_distribution", "DistributionList.Items", NULL,
     .item =
         "{'Id':'<id>','ARN':'<arn>','Status':'Deployed','LastModifiedTime':'<t>','DomainName':"
         "'<id>.example','Comment':'','Enabled':true,'PriceClass':'PriceClass_All','HttpVersion':"
         "'http2','IsIPV6Enabled':true,'WebACLId':'','Staging':false,'Aliases':{'Quantity':0},"
         "'Origins':{'Quantity':1,'Items':[{'Id':'o','DomainName':'<@s3_bucket>.s3.example',"
         "'OriginPath':'','CustomHeaders':{'Quantity':0}}]}}"},
    {"iam", "ListRoles", "iam_role", "Roles", NULL,
     .item = "{'Path':'/','RoleName':'<id>','RoleId':'AROA<#>','Arn':'<arn>','CreateDate':'<t>',"
             "'AssumeRolePolicyDocument':{'Version':'2012-10-17','Statement':[]},"
             "'MaxSessionDuration':3600}"},
    {"iam", "ListUsers", "iam_user", "Users", NULL,
     .item = "{'Path':'/','UserName':'<id>','UserId':'AIDA<#>','Arn':'<arn>','CreateDate':'<t>'}"},
    {"iam", "ListInstanceProfiles", "iam_instance_profile", "InstanceProfiles", NULL,
     .item = "{'Path':'/','InstanceProfileName':'<id>','InstanceProfileId':'AIPA<#>','Arn':'<arn>',"
             "'CreateDate':'<t>','Roles':[{'Path':'/','RoleName':'<@iam_role>','RoleId':'AROA<#>',"
             "'Arn':'<@@iam_role>','CreateDate':'<t>'}]}"},
    {"cloudtrail", "LookupEvents", "event", "Events", NULL,
     .item = "{'EventId':'<x>','EventName':'StopInstances','EventSource':'ec2.amazonaws.com','"
             "EventTime':"
             "'<t>','Username':'user-1','ReadOnly':'false','Resources':[{'ResourceType':"
             "'AWS::EC2::Instance','ResourceName':'<@ec2_instance>'}]}"},
};
const size_t fake_list_count = ESC_COUNT(fake_lists);

const struct fake_detail fake_details[] = {
    {"s3", "GetBucketLocation", "s3_bucket", "Bucket", NULL,
     .output = "{'LocationConstraint':'<R>'}"},
    {"s3", "GetBucketVersioning", "s3_bucket", "Bucket", NULL,
     .output = "{'Status':'<Enabled|Suspended>'}"},
    {"s3", "GetBucketTagging", "s3_bucket", "Bucket", NULL, .output = "{'TagSet':<tags>}",
     .absent_code = "NoSuchTagSet", .absent_every = 3},
    {"s3", "GetBucketLifecycleConfiguration", "s3_bucket", "Bucket", NULL,
     .output = "{'Rules':[{'ID':'old','Status':'Enabled','Filter':{'Prefix':'logs/"
               "'},'Expiration':{'Days':"
               "30},'Transitions':[{'Days':7,'StorageClass':'GLACIER'}]}]}",
     .absent_code = "NoSuchLifecycleConfiguration", .absent_every = 2},
    {"s3", "GetBucketEncryption", "s3_bucket", "Bucket", NULL,
     .output =
         "{'ServerSideEncryptionConfiguration':{'Rules':[{'ApplyServerSideEncryptionByDefault':"
         "{'SSEAlgorithm':'AES256'},'BucketKeyEnabled':false}]}}"},
    {"s3", "GetPublicAccessBlock", "s3_bucket", "Bucket", NULL,
     .output = "{'PublicAccessBlockConfiguration':{'BlockPublicAcls':true,'IgnorePublicAcls':true,"
               "'BlockPublicPolicy':true,'RestrictPublicBuckets':true}}",
     .absent_code = "NoSuchPublicAccessBlockConfiguration", .absent_every = 4},
    {"s3", "GetBucketPolicyStatus", "s3_bucket", "Bucket", NULL,
     .output = "{'PolicyStatus':{'IsPublic':<true|false>}}", .absent_code = "NoSuchBucketPolicy",
     .absent_every = 2},
    {"s3", "GetBucketPolicy", "s3_bucket", "Bucket", NULL, .output = "{'Policy':'{}'}",
     .absent_code = "NoSuchBucketPolicy", .absent_every = 1},
    {"lambda", "ListTags", "lambda_function", "Resource", NULL,
     .output = "{'Tags':{'environment':'<production|dev>'}}"},
    {"lambda", "GetPolicy", "lambda_function", "FunctionName", NULL, .output = "{}",
     .absent_code = "ResourceNotFoundException", .absent_every = 1},
    {"elbv2", "DescribeTags", "load_balancer", "ResourceArns", "TagDescriptions",
     .output = "{'ResourceArn':'<arn>','Tags':<tags>}"},
    {"elbv2", "DescribeTags", "target_group", "ResourceArns", "TagDescriptions",
     .output = "{'ResourceArn':'<arn>','Tags':<tags>}"},
    {"ec2", "DescribeInstanceAttribute", "ec2_instance", "InstanceId", NULL,
     .output = "{'InstanceId':'<id>','DisableApiTermination':{'Value':<true|false>}}",
     .absent_code = "InvalidInstanceID.NotFound", .absent_every = 50},
    {"elbv2", "DescribeLoadBalancerAttributes", "load_balancer", "LoadBalancerArn", NULL,
     .output = "{'Attributes':[{'Key':'deletion_protection.enabled','Value':'<true|false>'},"
               "{'Key':'access_logs.s3.enabled','Value':'false'}]}"},
    {"elbv2", "DescribeTargetHealth", "target_group", "TargetGroupArn", NULL,
     .output = "{'TargetHealthDescriptions':[{'Target':{'Id':'<@ec2_instance>','Port':80},"
               "'HealthCheckPort':'80','TargetHealth':{'State':'<healthy|unhealthy>'}}]}"},
    {"elb", "DescribeTags", "classic_load_balancer", "LoadBalancerNames", "TagDescriptions",
     .output = "{'LoadBalancerName':'<id>','Tags':<tags>}"},
    {"ecs", "DescribeClusters", "ecs_cluster", "clusters", "clusters",
     .output =
         "{'clusterArn':'<arn>','clusterName':'<id>','status':'ACTIVE','runningTasksCount':1,"
         "'pendingTasksCount':0,'activeServicesCount':1,'registeredContainerInstancesCount':0,"
         "'tags':[{'key':'environment','value':'<production|dev>'}]}"},
    {"ecs", "DescribeServices", "ecs_service", "services", "services",
     .output = "{'serviceArn':'<arn>','serviceName':'<id>','clusterArn':'<@@ecs_cluster>','status':"
               "'ACTIVE','desiredCount':2,'runningCount':2,'pendingCount':0,'launchType':'FARGATE',"
               "'taskDefinition':'arn:<P>:ecs:<R>:<A>:task-definition/t:1','createdAt':'<t>',"
               "'loadBalancers':[{'targetGroupArn':'<@@target_group>','containerName':'c',"
               "'containerPort':80}],'tags':[{'key':'environment','value':'<production|dev>'}]}"},
    {"eks", "DescribeCluster", "eks_cluster", "name", NULL,
     .output =
         "{'cluster':{'name':'<id>','arn':'<arn>','status':'ACTIVE','version':'1.30','createdAt':"
         "'<t>','roleArn':'<@@iam_role>','resourcesVpcConfig':{'subnetIds':['<@subnet>'],"
         "'securityGroupIds':[],'vpcId':'<@vpc>'},'tags':{'environment':'dev'}}}"},
    {"eks", "DescribeNodegroup", "eks_node_group", "nodegroupName", NULL,
     .output =
         "{'nodegroup':{'nodegroupName':'<id>','nodegroupArn':'<arn>','clusterName':"
         "'<@eks_cluster>','status':'ACTIVE','version':'1.30','createdAt':'<t>','capacityType':"
         "'<ON_DEMAND|SPOT>','instanceTypes':['m5.large'],'subnets':['<@subnet>'],'nodeRole':"
         "'<@@iam_role>','scalingConfig':{'minSize':1,'maxSize':4,'desiredSize':2},'resources':"
         "{'autoScalingGroups':[{'name':'<@auto_scaling_group>'}]},'tags':{'environment':"
         "'<production|dev>'}}}"},
    {"dynamodb", "DescribeTable", "dynamodb_table", "TableName", NULL,
     .output =
         "{'Table':{'TableName':'<id>','TableArn':'<arn>','TableStatus':'ACTIVE','CreationDateTime'"
         ":"
         "'<t>','ItemCount':<n>,'TableSizeBytes':1024,'KeySchema':[{'AttributeName':'k','KeyType':"
         "'HASH'}],'DeletionProtectionEnabled':<true|false>}}"},
    {"dynamodb", "DescribeContinuousBackups", "dynamodb_table", "TableName", NULL,
     .output = "{'ContinuousBackupsDescription':{'ContinuousBackupsStatus':'ENABLED',"
               "'PointInTimeRecoveryDescription':{'PointInTimeRecoveryStatus':"
               "'<ENABLED|DISABLED>'}}}"},
    {"sqs", "GetQueueAttributes", "sqs_queue", "QueueUrl", NULL,
     .output =
         "{'Attributes':{'QueueArn':'<arn>','ApproximateNumberOfMessages':'0','VisibilityTimeout':"
         "'30','CreatedTimestamp':'1767225600'}}"},
    {"iam", "GetRole", "iam_role", "RoleName", NULL,
     .output = "{'Role':{'Path':'/"
               "','RoleName':'<id>','RoleId':'AROA<#>','Arn':'<arn>','CreateDate':'<t>',"
               "'AssumeRolePolicyDocument':{'Version':'2012-10-17','Statement':[]}}}"},
    {"iam", "GetUser", "iam_user", "UserName", NULL,
     .output = "{'User':{'Path':'/"
               "','UserName':'<id>','UserId':'AIDA<#>','Arn':'<arn>','CreateDate':'<t>'}}"},
};
const size_t fake_detail_count = ESC_COUNT(fake_details);
