/** Stands in for what the parser names and never uses here: modules of Node, and what would fetch. As CommonJS it lets any name be imported. */
module.exports = {};
