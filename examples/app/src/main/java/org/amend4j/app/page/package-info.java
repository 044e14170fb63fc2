/** Certificates and audits as pages that a person can read: one file each, without scripts, from nobody else's server. */
@org.jspecify.annotations.NullMarked
package org.amend4j.app.page;
