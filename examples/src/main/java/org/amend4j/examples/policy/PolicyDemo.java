package org.amend4j.examples.policy;
public final class PolicyDemo { private PolicyDemo() {} public static org.amend4j.examples.job.Report run(java.nio.file.Path out, String version, org.amend4j.examples.job.Progress p) throws java.io.IOException, InterruptedException { throw new InterruptedException("x"); } }
