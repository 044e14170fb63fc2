/** Certificates and audits as pages for people: one file each, without scripts and without anything from other servers. */
@org.jspecify.annotations.NullMarked
package org.amend4j.app.page;
