/** Minutes after which a page that cannot be renewed says nothing about now. */
const OLD_MINUTES = 5;

/**
 * The script of all pages: it asks for the page again each minute, and where that fails it takes back what the page
 * says once that is too old. The server's own time decides as long as it answers, since clocks of visitors differ; it
 * comes from an answer that no cache keeps, or a copy of an old page would look new.
 * Without `"`, `&` and `<`, which rendering escapes; it makes no markup.
 */
export const PAGE_SCRIPT = `(function(){
var root=document.documentElement,asOf=Date.parse(root.dataset.asOf),skew=0,isOld=false;
function age(){
if(isOld)return;
if(Date.now()-skew-asOf>${OLD_MINUTES * 60_000})grow();
}
function grow(){
isOld=true;root.className='old';
document.title='State unknown · '+document.title;
document.querySelector('link[rel=icon]').href=root.dataset.oldIcon;
document.querySelectorAll('.state').forEach(function(state){state.textContent='Last known: '+state.textContent.trim();});
var heading=document.querySelector('.verdict h2');
if(!heading)return;
var before=heading.textContent,line=document.querySelector('.verdict p');
heading.textContent='The current state is unknown';
line.textContent='This server does not answer. Last known at '+root.dataset.asOf.slice(11,16)+' UTC: '+before+'.';
}
function look(isFirst){
fetch('/healthz',{method:'HEAD',cache:'no-store'}).then(function(answer){
if(!answer.ok)return age();
skew=Date.now()-Date.parse(answer.headers.get('date')||new Date());
if(!isFirst)return location.reload();
age();
},age);
}
look(true);
setInterval(function(){if(document.hidden)age();else look(false);},60000);
document.addEventListener('visibilitychange',function(){if(!document.hidden)look(false);});
})();`;
